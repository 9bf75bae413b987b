/** The command line of `npm run company`: parsed, and every wrong option named at once. */
import * as z from 'zod'
import { type Locale, LOCALES } from '../../src/db/enums.ts'
import { type DatabaseName, DIRECTORY, isDatabaseName } from '../../src/platform/place.ts'
import { id } from '../../src/platform/schemas.ts'
import { emailText, personName, titleText } from '../../src/platform/text.ts'
import { isTimeZone, tidyTimeZone } from '../../src/platform/time.ts'
import { parseAll, repeatedOptions, unknownOptions } from '../local/command-line.ts'
import { HELP } from './help.ts'

export interface NewCompany {
  command: 'create'
  name: string
  adminEmail: string
  adminName: string
  timeZone: string
  language: Locale
  /** null: where most room is. */
  database: DatabaseName | null
}

export interface ImportWish {
  command: 'import'
  file: string
  /** null: the only company there is. */
  companyId: string | null
  dryRun: boolean
}

export interface Deletion {
  command: 'delete'
  companyId: string
  /** The name that was given along; null to ask for it. */
  confirmed: string | null
}

export interface Move {
  command: 'move'
  companyId: string
  to: DatabaseName
  /** Only say how large it is, and what would be done. */
  dryRun: boolean
}

export interface Undoing {
  command: 'undo'
  companyId: string
}

/** What is to be done, and whether in the deployment. */
type Wish = (NewCompany | ImportWish | Deletion | Move | Undoing) & { remote: boolean }

/** Nothing is to be done: the text that explains how, after every complaint; there is none if the text was asked for. */
interface Usage {
  command: null
  complaints: readonly string[]
  help: string
}

const TEXT = { type: 'string' } as const
const FLAG = { type: 'boolean' } as const
const EVERYWHERE = { remote: FLAG, help: FLAG }
const OPTIONS = {
  create: {
    ...{
      name: TEXT,
      'admin-email': TEXT,
      'admin-name': TEXT,
      'time-zone': TEXT,
      language: TEXT,
      database: TEXT,
    },
    ...EVERYWHERE,
  },
  import: { file: TEXT, company: TEXT, 'dry-run': FLAG, ...EVERYWHERE },
  delete: { company: TEXT, confirm: TEXT, ...EVERYWHERE },
  move: { company: TEXT, to: TEXT, 'dry-run': FLAG, undo: FLAG, ...EVERYWHERE },
}

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>
type Read = (option: string, schema: z.ZodType<string>) => string

export function parseCommandLine(args: readonly string[]): Wish | Usage {
  const { values, positionals, tokens } = parseAll(args, {
    ...OPTIONS.create,
    ...OPTIONS.import,
    ...OPTIONS.move,
    ...OPTIONS.delete,
  })
  const [command, ...rest] = positionals
  const usage = (help: string, complaints: readonly string[]): Usage => ({
    command: null,
    help,
    complaints: values.help === true ? [] : complaints,
  })
  if (!isCommand(command)) {
    const complaint = `the command is "create", "import", "move" or "delete", not "${command ?? ''}"`
    return usage(Object.values(HELP).join('\n\n'), [complaint])
  }
  const complaints = [
    ...unknownOptions(values, OPTIONS[command]),
    ...repeatedOptions(tokens),
    ...rest.map((text) => `"${text}" belongs to no option; texts with spaces need quotes`),
  ]
  const wish = READERS[command](values, readerOf(values, complaints), complaints)
  if (values.help === true || complaints.length > 0) return usage(HELP[command], complaints)
  return { ...wish, remote: values.remote === true }
}

function isCommand(text: string | undefined): text is keyof typeof OPTIONS {
  return text !== undefined && Object.hasOwn(OPTIONS, text)
}

function readerOf(values: Values, complaints: string[]): Read {
  return (option, schema) => {
    const value = values[option]
    const result = schema.safeParse(value)
    if (result.success) return result.data
    const why = result.error.issues.map((issue) => issue.message).join(', ')
    complaints.push(typeof value === 'string' ? `--${option} ${why}` : `--${option} needs a value`)
    return ''
  }
}

const READERS = { create: newCompany, import: importWish, move: moveOrUndoing, delete: deletion }
const SOME_TEXT = z.string().min(1, 'needs a value')

function importWish(values: Values, read: Read): ImportWish {
  return {
    command: 'import',
    file: read('file', SOME_TEXT),
    companyId: values.company === undefined ? null : read('company', id()),
    dryRun: values['dry-run'] === true,
  }
}

function moveOrUndoing(values: Values, read: Read, complaints: string[]): Move | Undoing {
  const companyId = read('company', id())
  if (values.undo !== true) {
    const to = databaseOption('to', read('to', SOME_TEXT), complaints)
    return { command: 'move', companyId, to, dryRun: values['dry-run'] === true }
  }
  for (const option of ['to', 'dry-run'])
    if (values[option] !== undefined) complaints.push(`--${option} does not go with --undo`)
  return { command: 'undo', companyId }
}

function databaseOption(option: string, text: string, complaints: string[]): DatabaseName {
  if (isDatabaseName(text)) return text
  if (text !== '') complaints.push(`--${option} must be the name of a database such as DB or DB_2`)
  return DIRECTORY
}

function deletion(values: Values, read: Read): Deletion {
  return {
    command: 'delete',
    companyId: read('company', id()),
    confirmed: values.confirm === undefined ? null : read('confirm', SOME_TEXT),
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
    database:
      values.database === undefined
        ? null
        : databaseOption('database', read('database', SOME_TEXT), complaints),
  }
  if (!isTimeZone(company.timeZone)) {
    complaints.push('--time-zone must be an IANA name such as Europe/Madrid')
  }
  if (language === undefined) complaints.push(`--language must be ${LOCALES.join(' or ')}`)
  return company
}
