/** `npm run deploy`: migrates the databases of an environment, then deploys its worker. */
import { HELP, parseCommandLine } from './deploy/options.ts'
import { unfinished } from './deploy/placeholders.ts'
import { carryOut, stepsOf } from './deploy/steps.ts'
import { readConfiguration } from './local/configuration.ts'
import { showWrangler } from './local/wrangler.ts'

const { definedEnvironments = [] } = await readConfiguration('')
const wish = parseCommandLine(process.argv.slice(2), process.env, definedEnvironments)
if (wish === null) {
  console.log(HELP)
} else if (Array.isArray(wish)) {
  console.error(`Nothing was done:\n${indented(wish)}\n\n${HELP}`)
  process.exitCode = 2
} else {
  const configuration = await readConfiguration(wish.environment)
  const missing = unfinished(configuration)
  const name = wish.environment === '' ? 'production' : wish.environment
  if (missing.length > 0 && !wish.dryRun) {
    console.error(
      `Nothing was done: in wrangler.toml, for ${name},\n${indented(missing)}\n(docs/operating.md)`,
    )
    process.exitCode = 1
  } else {
    if (missing.length > 0)
      console.log(`A real deployment of ${name} would be refused:\n${indented(missing)}`)
    const databases = configuration.d1_databases.map(({ binding }) => binding)
    process.exitCode = await carryOut(stepsOf(wish, databases), showWrangler, console.log)
  }
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n')
}
