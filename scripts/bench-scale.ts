/**
 * `npm run bench -- scale`: what 100,000 companies need and cost, by arithmetic and by a simulation of three years, from what
 * test/bench/RESULTS.md has measured. Takes half a minute, and writes its figures to docs/scale.md; the same at each run.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readMeasured } from './scale/measured.ts'
import { comparison, figuresOf, growthTable } from './scale/report.ts'
import { BASE, play } from './scale/scenario.ts'
import { AHEAD, VARIATIONS } from './scale/variations.ts'

const PAGE = join(import.meta.dirname, '../docs/scale.md')

export async function benchScale(): Promise<void> {
  const measured = readMeasured()
  const played = VARIATIONS.map(([name, change]) => [name, play({ ...BASE, ...change }, measured)] as const)
  const figures = {
    ...figuresOf(play(BASE, measured)),
    ahead: growthTable(play({ ...BASE, ...AHEAD }, measured)),
    variations: comparison(played),
  }
  let page = await readFile(PAGE, 'utf8')
  for (const [name, text] of Object.entries(figures)) {
    console.log(`${text}\n`)
    page = withFigures(page, name, text)
  }
  await writeFile(PAGE, page)
}

/** Puts figures between the marks of their name. Throws if the page has no such place. */
function withFigures(page: string, name: string, figures: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [before, rest] = cut(page, start)
  const [, after] = cut(rest, end)
  return `${before}${start}\n\n${figures}\n\n${end}${after}`
}

function cut(text: string, at: string): [string, string] {
  const place = text.indexOf(at)
  if (place < 0) throw new Error(`docs/scale.md has no ${at}`)
  return [text.slice(0, place), text.slice(place + at.length)]
}
