/** The command line of `npm run company -- delete`. */
import { ID_PATTERN } from '../../src/platform/ids.ts'
import { parseAll, unknownOptions } from '../local/command-line.ts'

export const DELETE_HELP = `Deletes a company with everything that is kept for it: its people, plans and exports, their sessions and files.
It cannot be undone. Safe to run again: a deletion that was cut off goes on where it ended.

  npm run company -- delete --company ID [options]

  --company       the company's id
  --confirm       its name, instead of typing it when asked
  --remote        in the deployed database, after \`npx wrangler login\`; otherwise in the local one,
                  which lies in the folder STATE_DIR (default .wrangler/state) and must not be in use
  --help          this text`

export interface Deletion {
  companyId: string
  /** The name that was given along; null to ask for it. */
  confirmed: string | null
  remote: boolean
}

/** @returns the wish, or every complaint about the command line; null asks for help */
export function parseDeletion(args: readonly string[]): Deletion | string[] | null {
  const known = {
    company: { type: 'string' },
    confirm: { type: 'string' },
    remote: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const
  const { values, positionals } = parseAll(args, known)
  if (values.help === true || args.length === 0) return null
  const { company, confirm } = values
  const complaints = [
    ...unknownOptions(values, known),
    ...positionals.map((text) => `"${text}" belongs to no option; texts with spaces need quotes`),
    ...(typeof company === 'string' && ID_PATTERN.test(company)
      ? []
      : ['--company needs an id of 24 hexadecimal characters']),
    ...(confirm === undefined || typeof confirm === 'string' ? [] : ['--confirm needs a value']),
  ]
  if (complaints.length > 0) return complaints
  return {
    companyId: String(company),
    confirmed: typeof confirm === 'string' ? confirm : null,
    remote: values.remote === true,
  }
}
