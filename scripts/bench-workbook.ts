/**
 * Builds the same workbooks with our builder, with exceljs and by hand ("floor"), all inside workerd, and prints times,
 * ratios and heaps. A heap is the smallest of a few limits in which workerd finishes the build: sampling would miss
 * peaks between the samples. Last it builds a plan of 5,000 actions within a heap of 96 MB, the promise of the export.
 */
import { availableParallelism, cpus, totalmem } from 'node:os'
import { startWorkbookWorker } from './workbook-worker.ts'

const WORKER = 'workbook-worker.ts'
const BUILDERS = ['ours', 'exceljs', 'floor'] as const
type Builder = (typeof BUILDERS)[number]
const SIZES = [10, 100, 500]
const ROUNDS = 5
const HEAPS = [16, 20, 24, 32, 48, 64, 96, 128]
// A worker that has run out of memory never answers; one that has enough takes two seconds.
const BUILD_SECONDS = 8
const PORTFOLIO = { actions: 20_000, textLength: 1_000, heap: 96 }
const PROOF = { actions: 5_000, noteLength: 2_000, heap: 96 }

const perCase = (builder: Builder, size: number): string => `${builder} ${size}`

/** Milliseconds per build. The machine is never quiet, so each case counts with its best round, rounds interleaved. */
async function measureTimes(): Promise<Map<string, number>> {
  const best = new Map<string, number>()
  const worker = await startWorkbookWorker(WORKER)
  for (let round = 0; round <= ROUNDS; round++)
    for (const size of SIZES)
      for (const builder of BUILDERS) {
        const times = Math.max(2, Math.ceil(200 / size))
        const start = performance.now()
        const file = await worker.ask(`/build?builder=${builder}&size=${size}&times=${times}`, 60)
        const each = (performance.now() - start) / times
        if (file === null) throw new Error(`${builder} failed at ${size} actions`)
        // The first round only warms up.
        if (round > 0)
          best.set(perCase(builder, size), Math.min(each, best.get(perCase(builder, size)) ?? Infinity))
      }
  await worker.stop()
  return best
}

async function fits(heap: number, path: string, seconds: number): Promise<boolean> {
  const worker = await startWorkbookWorker(WORKER, heap)
  const answer = await worker.ask(path, seconds)
  await worker.stop()
  return answer !== null
}

/** The smallest heap limit, in MB, in which a build succeeds; halving the list of limits. */
async function smallestHeap(path: string): Promise<number> {
  let [low, high] = [0, HEAPS.length - 1]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (await fits(HEAPS[middle] ?? Infinity, path, BUILD_SECONDS)) high = middle
    else low = middle + 1
  }
  return HEAPS[low] ?? Infinity
}

/** Runs the whole bench and prints a Markdown table. Throws if the large plan needs more than its heap. */
export async function benchWorkbook(): Promise<void> {
  const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB`
  console.log(
    `${machine}. Times per workbook in workerd (best of ${ROUNDS} rounds), heap = smallest limit that suffices.\n`,
  )
  const times = await measureTimes()
  console.log(
    '| actions | ours | exceljs | floor | ours : exceljs | ours : floor | heap ours | exceljs | floor |',
  )
  console.log('| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |')
  for (const size of SIZES) {
    const time = (builder: Builder): number => times.get(perCase(builder, size)) ?? Number.NaN
    const cells = BUILDERS.map((builder) => `${time(builder).toFixed(1)} ms`)
    cells.push(
      `${(time('ours') / time('exceljs')).toFixed(2)}×`,
      `${(time('ours') / time('floor')).toFixed(1)}×`,
    )
    for (const builder of BUILDERS)
      cells.push(`${await smallestHeap(`/build?builder=${builder}&size=${size}&times=1`)} MB`)
    console.log(`| ${size} | ${cells.join(' | ')} |`)
  }
  const { actions, noteLength, heap } = PROOF
  const start = performance.now()
  const proven = await fits(heap, `/volumes?size=${actions}&noteLength=${noteLength}`, 300)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(
    `\n${actions} actions, 3 assignees and 5 notes of ${noteLength} characters each, in volumes of 500, ` +
      `heap of ${heap} MB: ${proven ? `built in ${seconds} s` : 'FAILED'}`,
  )
  if (!proven) throw new Error(`the large plan does not fit into ${heap} MB`)
  await provePortfolio()
}

/** Builds the largest file of a portfolio within the heap that is promised. */
async function provePortfolio(): Promise<void> {
  const { actions, textLength, heap } = PORTFOLIO
  const start = performance.now()
  const proven = await fits(heap, `/portfolio?size=${actions}&textLength=${textLength}`, 300)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(
    `A portfolio of ${actions} actions, 3 assignees and a text of ${textLength} characters each, in one file, ` +
      `heap of ${heap} MB: ${proven ? `built in ${seconds} s` : 'FAILED'}`,
  )
  if (!proven) throw new Error(`the portfolio does not fit into ${heap} MB`)
}

if (import.meta.main) {
  await benchWorkbook()
  process.exit(0)
}
