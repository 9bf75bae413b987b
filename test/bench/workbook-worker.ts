import { buildWorkbook } from '../../src/exports/workbook/build.ts'
import { buildPortfolio } from '../../src/exports/workbook/portfolio/build.ts'
import type { WorkbookContent } from '../../src/exports/workbook/content.ts'
import { sampleAction, sampleContent, sampleDetail } from '../exports/workbook/sample.ts'
import { samplePortfolio } from './sample-portfolio.ts'
import { buildWithExceljs } from './workbook-exceljs.ts'
import { buildFloor } from './workbook-floor.ts'

const BUILDERS = { ours: buildWorkbook, exceljs: buildWithExceljs, floor: buildFloor }
const VOLUME = 500

/** What scripts/bench-workbook.ts runs inside workerd. */
export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url)
    const number = (name: string) => Number(searchParams.get(name))
    if (pathname === '/build')
      return new Response(await build(searchParams.get('builder'), number('size'), number('times')))
    if (pathname === '/volumes')
      return Response.json(await buildVolumes(number('size'), number('noteLength')))
    if (pathname === '/portfolio')
      return new Response(await buildPortfolio(samplePortfolio(number('size'), number('textLength'))))
    return new Response('not found', { status: 404 })
  },
} satisfies ExportedHandler

/** Builds the same workbook several times and gives the last. Timed from outside: clocks in workerd stand still. */
async function build(builder: string | null, size: number, times: number): Promise<Uint8Array> {
  const chosen = Object.entries(BUILDERS).find(([name]) => name === builder)?.[1]
  if (chosen === undefined) throw new Error('no such builder')
  for (let time = times; time > 1; time--) await chosen(sampleContent(size))
  return chosen(sampleContent(size))
}

/** Builds all volumes of a large plan, each action with 3 assignees and 5 notes; gives their sizes. */
async function buildVolumes(size: number, noteLength: number): Promise<number[]> {
  const actions = Array.from({ length: size }, (_, index) => sampleAction(index, 3))
  const bytes: number[] = []
  for (let first = 0; first < size; first += VOLUME) {
    const volume = {
      number: first / VOLUME + 1,
      of: Math.ceil(size / VOLUME),
      first,
      count: Math.min(VOLUME, size - first),
      starts: Array.from({ length: Math.ceil(size / VOLUME) }, (_, index) => index * VOLUME),
    }
    const details = detailsWithLongNotes(first, volume.count, noteLength)
    bytes.push((await buildWorkbook({ ...sampleContent(0), actions, volume, details })).length)
  }
  return bytes
}

async function* detailsWithLongNotes(
  first: number,
  count: number,
  length: number,
): WorkbookContent['details'] {
  for (let index = first; index < first + count; index++) {
    const detail = sampleDetail(index, 5)
    // Numbers instead of words, since repeated words would compress too well.
    const text = (nth: number) =>
      Array.from(
        { length: length / 8 },
        (_, word) => (index * 7919 + nth * 104_729 + word * 1_299_709) % 9_999_991,
      )
        .join(' ')
        .slice(0, length)
    yield { ...detail, notes: [...detail.notes].map((note, nth) => ({ ...note, text: text(nth) })) }
  }
}
