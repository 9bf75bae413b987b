/**
 * Lints the served OpenAPI document with the strict rules of Redocly and those of Spectral; a warning fails too.
 * `npm run lint:openapi` starts the service for it, `npm run lint:openapi -- https://…` asks one that runs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { servedDocument } from './openapi/served.ts'
import { runTool } from './openapi/tools.ts'

const folder = mkdtempSync(join(tmpdir(), 'openapi-'))
process.on('exit', () => {
  rmSync(folder, { recursive: true })
})
const file = join(folder, 'openapi.json')
writeFileSync(file, await servedDocument(process.argv[2]))
runTool('redocly', ['lint', '--extends=recommended-strict', file])
runTool('spectral', ['lint', '--ruleset=spectral.json', '--fail-severity=hint', file])
process.exit(0)
