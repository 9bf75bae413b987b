import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)

/** Whether the readers are here; the gate installs them, a developer's machine may lack them. */
const hasReaders = await run('sh', [
  '-c',
  'command -v soffice && /usr/bin/python3 -c "import openpyxl"',
]).then(
  () => true,
  () => false,
)

it.skipIf(!hasReaders)('opens in LibreOffice and, without a warning, in openpyxl', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'workbooks-'))
  try {
    await run(process.execPath, ['scripts/write-sample-workbooks.ts', folder])
    const files = (await readdir(folder)).map((name) => join(folder, name))
    const { stdout } = await run('sh', ['test/exports/workbook/open-with.sh', ...files])
    expect(files.length).toBeGreaterThan(3)
    for (const file of files) {
      expect(stdout).toContain(`${file}: openpyxl reads`)
      expect(stdout).toContain(`${file}: LibreOffice prints it`)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})
