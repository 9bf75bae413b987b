/** The command line of `npm run deploy`. */
import type { Environment } from '../local/options.ts'
import { parseAll, unknownOptions } from '../local/command-line.ts'

export const HELP = `Applies the migrations to each database, then deploys the worker.

  npm run deploy [-- options]

  --env NAME   an environment of wrangler.toml, such as staging; "production", the default, is its top level.
               The variable CLOUDFLARE_ENV names it too
  --dry-run    bundles the worker as wrangler would upload it, and touches nothing; needs no account
  --help       this text`

export interface Deployment {
  /** As wrangler names it: '' is the top level. */
  environment: string
  dryRun: boolean
}

/**
 * @param defined the environments of wrangler.toml
 * @returns the wish, or every complaint about the command line; null asks for help
 */
export function parseCommandLine(
  args: readonly string[],
  env: Environment,
  defined: readonly string[],
): Deployment | string[] | null {
  const known = {
    env: { type: 'string' },
    'dry-run': { type: 'boolean' },
    help: { type: 'boolean' },
  } as const
  const { values, positionals } = parseAll(args, known)
  if (values.help === true) return null
  const complaints = [
    ...unknownOptions(values, known),
    ...positionals.map((text) => `"${text}" is not expected`),
  ]
  const named = values.env ?? (env.CLOUDFLARE_ENV || 'production')
  if (named === true || named === '') return [...complaints, '--env needs a name']
  const environment = named === 'production' ? '' : String(named)
  if (environment !== '' && !defined.includes(environment)) {
    complaints.push(`--env must be ${['production', ...defined].join(' or ')}, not "${environment}"`)
  }
  return complaints.length > 0 ? complaints : { environment, dryRun: values['dry-run'] === true }
}
