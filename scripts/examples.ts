/**
 * Runs what the reference shows, against a local service: the walk-through of /docs.md as it stands there, and the
 * program in examples/typescript. Each must save a workbook.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { besideService } from './openapi/served.ts'
import { install, PROJECT_DIR, run } from './openapi/tools.ts'

const EXAMPLE_DIR = join(PROJECT_DIR, 'examples/typescript')

const folder = mkdtempSync(join(tmpdir(), 'examples-'))
process.on('exit', () => {
  rmSync(folder, { recursive: true })
})
install(EXAMPLE_DIR)
run('npx', ['--no-install', 'tsc', '-p', '.'], { cwd: EXAMPLE_DIR })
await besideService({}, async ({ url, mailboxUrl }) => {
  const env = { API: url, MAILBOX: mailboxUrl }

  console.log('The walk-through of /docs.md')
  const reference = await (await fetch(`${url}/docs.md`)).text()
  writeFileSync(join(folder, 'walk-through.sh'), walkThroughIn(reference))
  run('bash', ['-eu', 'walk-through.sh'], { cwd: folder, env })
  requireWorkbook(join(folder, 'workbook.xlsx'))

  console.log('examples/typescript')
  const saved = join(folder, 'typescript.xlsx')
  run('npm', ['start', '--silent', '--', saved], { cwd: EXAMPLE_DIR, env })
  requireWorkbook(saved)
})
process.exit(0)

/** The blocks of shell in the chapter, one after the other. */
function walkThroughIn(reference: string): string {
  const chapter = reference.split(/^## /m).find((text) => text.startsWith('From sign-in to workbook')) ?? ''
  const blocks = [...chapter.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block)
  if (blocks.length === 0) throw new Error('The reference has no walk-through')
  return blocks.join('\n')
}

function requireWorkbook(path: string): void {
  // An .xlsx file is a ZIP archive.
  if (readFileSync(path).subarray(0, 2).toString() !== 'PK') throw new Error(`${path} is no workbook`)
}
