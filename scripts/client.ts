/**
 * Writes the types of the API for its typed client: examples/typescript/api.d.ts, from the served OpenAPI document.
 * `npm run client` starts the service for it, `npm run client -- https://…` asks one that runs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { servedDocument } from './openapi/served.ts'
import { PROJECT_DIR, runTool } from './openapi/tools.ts'

const TYPES = join(PROJECT_DIR, 'examples/typescript/api.d.ts')

const folder = mkdtempSync(join(tmpdir(), 'openapi-'))
process.on('exit', () => {
  rmSync(folder, { recursive: true })
})
const file = join(folder, 'openapi.json')
writeFileSync(file, await servedDocument(process.argv[2]))
runTool('openapi-typescript', [file, '--output', TYPES])
process.exit(0)
