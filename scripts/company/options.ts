/** The command line of `npm run company`: parsed, and every wrong option named at once. */
import * as z from 'zod'
import { type Locale, LOCALES } from '../../src/db/enums.ts'
import { id } from '../../src/platform/schemas.ts'
import { emailText, personName, titleText } from '../../src/platform/text.ts'
import { isTimeZone, tidyTimeZone } from '../../src/platform/time.ts'
import { parseAll, unknownOptions } from '../local/command-line.ts'

export const HELP = `Makes a company with its first ADMIN. Safe to run again: an existing one is left as it is.

  npm run company -- create --name "Acme" --admin-email x@y.z --admin-name "X Y" [options]

  --name          the company's name, 1-200 characters
  --admin-email   address of its first ADMIN, unique over the whole installation
  --admin-name    name of its first ADMIN, 1-200 characters, at most 256 bytes
  --time-zone     IANA name, such as Europe/Madrid (default UTC)
  --language      of mails and workbooks, ${LOCALES.join(' or ')} (default en)
  --remote        in the deployed database, after \`npx wrangler login\`; otherwise in the local one,
                  which lies in the folder STATE_DIR (default .wrangler/state)
  --help          this text

Brings plans and actions along, in batches; after a crash the same command goes on where it stopped.

  npm run company -- import --file plans.ndjson [options]

  --file          NDJSON with a plan a line, or a workbook (.xlsx) with a sheet of actions
  --company       id of the company; needed if there are several
  --dry-run       only check the file
  --remote        as above

  npm run company -- delete --help   how to delete one`

export interface NewCompany {
  command: 'create'
  name: string
  adminEmail: string
  adminName: string
  timeZone: string
  language: Locale
  remote: boolean
}

export interface ImportWish {
  command: 'import'
  file: string
  /** null: the only company there is. */
  companyId: string | null
  dryRun: boolean
  remote: boolean
}

const TEXT = { type: 'string' } as const
const FLAG = { type: 'boolean' } as const
const OPTIONS = {
  create: {
    ...{ name: TEXT, 'admin-email': TEXT, 'admin-name': TEXT, 'time-zone': TEXT, language: TEXT },
    ...{ remote: FLAG, help: FLAG },
  },
  import: { file: TEXT, company: TEXT, 'dry-run': FLAG, remote: FLAG, help: FLAG },
}

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

/** @returns the wish, or every complaint about the command line; null asks for help */
export function parseCommandLine(args: readonly string[]): NewCompany | ImportWish | string[] | null {
  const { values, positionals } = parseAll(args, { ...OPTIONS.create, ...OPTIONS.import })
  if (values.help === true || args.length === 0) return null
  const command = positionals.join(' ')
  const known = command === 'import' ? OPTIONS.import : OPTIONS.create
  const complaints = unknownOptions(values, known)
  if (command !== 'create' && command !== 'import') {
    complaints.push(`the command is "create" or "import", not "${command}"; texts with spaces need quotes`)
  }
  const read = (option: string, schema: z.ZodType<string>): string => {
    const value = values[option]
    const result = schema.safeParse(value)
    if (result.success) return result.data
    const why = result.error.issues.map((issue) => issue.message).join(', ')
    complaints.push(typeof value === 'string' ? `--${option} ${why}` : `--${option} needs a value`)
    return ''
  }
  const wish = command === 'import' ? importWish(values, read) : newCompany(values, read, complaints)
  return complaints.length > 0 ? complaints : wish
}

type Read = (option: string, schema: z.ZodType<string>) => string

function importWish(values: Values, read: Read): ImportWish {
  return {
    command: 'import',
    file: read('file', z.string().min(1, 'needs a value')),
    companyId: values.company === undefined ? null : read('company', id()),
    dryRun: values['dry-run'] === true,
    remote: values.remote === true,
  }
}

function newCompany(values: Values, read: Read, complaints: string[]): NewCompany {
  const language = LOCALES.find((locale) => locale === (values.language ?? 'en'))
  const company: NewCompany = {
    command: 'create',
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
  return company
}
