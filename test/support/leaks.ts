/** Checks that a log holds only members of a closed list, each in a form that no secret has. */
import { endpoints } from '../../src/endpoints.ts'

const COUNT = /^\d{1,9}$/
const ID = /^[0-9a-f]{24}$/
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const STEP = /^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/i
const routes = new Set(['none', ...endpoints.map(({ path }) => path)])

type Check = RegExp | ((value: string) => boolean)

/** Every member that a log line may have, and what its value looks like as text. */
const MEMBERS: Record<string, Check> = {
  kind: /^(request|step|failure)$/,
  requestId: (value) =>
    UUID.test(value) || ID.test(value) || STEP.test(value) || /^message[\w-]*$/.test(value),
  database: /^DB(_\d+)?$/,
  messageId: /^[\w-]{1,40}$/,
  method: /^[A-Z]{3,7}$/,
  route: (value) => routes.has(value),
  status: /^[1-5]\d\d$/,
  step: STEP,
  settled: /^(done|again|retry)$/,
  outcome:
    /^(accepted|retry|refused|delivered|pending|failed|user-inactive|switched-off|access-lost|url-refused|deleted)$/,
  code: /^(SQLITE|D1)_[A-Z_]+$/,
  errors: /^(\w{1,40}|DB(_\d+)? did not carry out a batch|Settings missing or not valid: [A-Z_, ]+)$/,
  // `at name (file:line:column)`, or the frame of something without a file.
  frames: /^at (?:[^@"'=]|\/@)*(:\d+:\d+|index \d+|native|<anonymous>)\)?$/,
}
const IDS = ['userId', 'companyId', 'exportId', 'codeId', 'webhookId', 'deliveryId', 'reminderId']
const COUNTS = [
  'milliseconds',
  'd1Calls',
  'rowsRead',
  'rowsWritten',
  'd1Milliseconds',
  'kvReads',
  'attempt',
  'exports',
  'codes',
  'objects',
  'entries',
  'companies',
  'deliveries',
  'mails',
  'tries',
  'reminders',
  'addresses',
]
for (const name of IDS) MEMBERS[name] = ID
for (const name of COUNTS) MEMBERS[name] = COUNT

/** What no line may hold wherever it stands: addresses, tokens, hashes and signatures, codes, SQL. */
const NOWHERE: Record<string, RegExp> = {
  'an e-mail address': /[\w.+-]+@[\w-]+\.[a-z]/i,
  'a hash or signature': /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/,
  'a token': /(?<![\w-])[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048](?![\w-])/,
  'an access key': /apk_/,
  'the secret of a webhook': /whsec_/,
  'a code': /(?<![\w.-])\d{8}(?![\w.-])/,
  'a signed link': /signature=|expires=/,
  SQL: /\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b|params:/,
}

/** What is wrong with these lines, each with the line. */
export function leaksIn(lines: readonly string[]): string[] {
  return lines.flatMap((line) => [
    ...Object.entries(NOWHERE).flatMap(([what, pattern]) => (pattern.test(line) ? [`${what}: ${line}`] : [])),
    ...unknownMembers(line).map((what) => `${what}: ${line}`),
  ])
}

function unknownMembers(line: string): string[] {
  const parsed = parse(line)
  if (!parsed) return ['not one JSON object']
  return Object.entries(parsed).flatMap(([name, value]) => {
    const check = MEMBERS[name]
    if (!check) return [`the unknown member ${name}`]
    const values: unknown[] = Array.isArray(value) ? value : value === null ? [] : [value]
    return values.every((one) => allows(check, one)) ? [] : [`the member ${name}`]
  })
}

function allows(check: Check, value: unknown): boolean {
  if (typeof value !== 'string' && typeof value !== 'number') return false
  return typeof check === 'function' ? check(String(value)) : check.test(String(value))
}

function parse(line: string): object | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' ? value : null
  } catch {
    return null
  }
}
