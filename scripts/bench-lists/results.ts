/** test/bench/RESULTS.md: a part for each bench, of which a run replaces its own, and notes written by hand, which stay. */
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'

const RESULTS = join(import.meta.dirname, '../../test/bench/RESULTS.md')
const PARTS = ['Notes', 'Lists', 'Writes', 'Portfolio', 'Databases'] as const

/** @param text Markdown without a heading */
export async function writeResults(
  part: Exclude<(typeof PARTS)[number], 'Notes'>,
  text: string,
): Promise<void> {
  const known = await readFile(RESULTS, 'utf8').catch(() => '')
  const parts = PARTS.map((name) => {
    const kept = known.split(/^# /m).find((section) => section.startsWith(`${name}\n`))
    return name === part ? `${name}\n\n${conditions()}\n\n${text}` : kept
  })
  const given = parts.filter((section) => section !== undefined)
  await writeFile(RESULTS, given.map((section) => `# ${section.trimEnd()}\n`).join('\n'))
}

function conditions(): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const gigabytes = (totalmem() / 2 ** 30).toFixed(0)
  return `Measured at ${commit} on ${cpus().length} cores with ${gigabytes} GB, which the client, both workers and D1 share.`
}

/** A Markdown table; all columns but the first are aligned to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  const rule = head.map((_, index) => (index === 0 ? '---' : '--:'))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}
