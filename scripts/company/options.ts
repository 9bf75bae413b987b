/** The command line of `npm run company`: parsed, and every wrong option named at once. */
import { parseArgs } from 'node:util'
import type { z } from 'zod'
import { type Locale, LOCALES } from '../../src/db/enums.ts'
import { emailText, personName, titleText } from '../../src/platform/text.ts'
import { isTimeZone, tidyTimeZone } from '../../src/platform/time.ts'

export const HELP = `Makes a company with its first ADMIN. Safe to run again: an existing one is left as it is.

  npm run company -- create --name "Acme" --admin-email x@y.z --admin-name "X Y" [options]

  --name          the company's name, 1-200 characters
  --admin-email   address of its first ADMIN, unique over the whole installation
  --admin-name    name of its first ADMIN, 1-200 characters, at most 256 bytes
  --time-zone     IANA name, such as Europe/Madrid (default UTC)
  --language      of mails and workbooks, ${LOCALES.join(' or ')} (default en)
  --remote        in the deployed database, after \`npx wrangler login\`; otherwise in the local one,
                  which lies in the folder STATE_DIR (default .wrangler/state)
  --help          this text`

export interface NewCompany {
  name: string
  adminEmail: string
  adminName: string
  timeZone: string
  language: Locale
  remote: boolean
}

/** @returns the wish, or every complaint about the command line; null asks for help */
export function parseCommandLine(args: readonly string[]): NewCompany | string[] | null {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const known = {
    name: text,
    'admin-email': text,
    'admin-name': text,
    'time-zone': text,
    language: text,
    remote: flag,
    help: flag,
  }
  // Not strict, which would stop at the first thing that is wrong.
  const { values, positionals } = parseArgs({
    args: [...args],
    options: known,
    strict: false,
    allowPositionals: true,
  })
  if (values.help === true || args.length === 0) return null

  const complaints = Object.keys(values)
    .filter((option) => !(option in known))
    .map((option) => `--${option} is not an option`)
  if (positionals.join(' ') !== 'create') {
    complaints.push(`the command is "create", not "${positionals.join(' ')}"; texts with spaces need quotes`)
  }
  const read = (option: keyof typeof known, schema: z.ZodType<string>): string => {
    const value = values[option]
    const result = schema.safeParse(value)
    if (result.success) return result.data
    const why = result.error.issues.map((issue) => issue.message).join(', ')
    complaints.push(typeof value === 'string' ? `--${option} ${why}` : `--${option} needs a value`)
    return ''
  }
  const language = LOCALES.find((locale) => locale === (values.language ?? 'en'))
  const company = {
    name: read('name', titleText()),
    adminEmail: read('admin-email', emailText()),
    adminName: read('admin-name', personName()),
    timeZone: tidyTimeZone(String(values['time-zone'] ?? 'UTC')),
    language: language ?? 'en',
    remote: values.remote === true,
  }
  if (!isTimeZone(company.timeZone)) {
    complaints.push('--time-zone must be an IANA name such as Europe/Madrid')
  }
  if (language === undefined) complaints.push(`--language must be ${LOCALES.join(' or ')}`)
  return complaints.length > 0 ? complaints : company
}
