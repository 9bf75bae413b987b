/** Reads a file that is imported over HTTP, within the limits for that. Pure. */
import { LIMITS } from '../platform/limits.ts'
import { errorsOfFile, type FileDraft, type PlanDraft, type Strictness } from './drafts.ts'
import { linesOf, readLine, textOf } from './ndjson.ts'
import { readWorkbook } from './sheet.ts'
import { type Bounds, FileRefused } from './workbook/refusal.ts'

export const WORKBOOK_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
export const NDJSON_TYPE = 'application/x-ndjson'

const { actionsPerImport, plansPerImport, notesPerImport, charactersPerImport } = LIMITS
const MIB = 1024 * 1024

const WAYS_ON =
  'Send it in several files (export a portfolio with filters, or copy its rows), or let an operator import it whole: npm run company -- import.'

/** A sheet of 2,000 actions has some 50,000 cells; what is formatted without a value counts as a row only. */
const BOUNDS: Bounds = {
  inflated: 64 * MIB,
  rows: 20_000,
  cells: 120_000,
  characters: charactersPerImport.most,
  advice: `${atMost(actionsPerImport)} ${WAYS_ON}`,
}

/** Throws `FileRefused` for a file that cannot be read, or has more than may be imported at once. */
export async function readFile(
  { mediaType, bytes }: { mediaType: string; bytes: Uint8Array },
  strictness: Strictness,
): Promise<FileDraft> {
  const file =
    mediaType === WORKBOOK_TYPE ? await readWorkbook(bytes, BOUNDS, strictness) : readLines(bytes, strictness)
  requireFew(file)
  return file
}

function readLines(bytes: Uint8Array, strictness: Strictness): FileDraft {
  const plans: PlanDraft[] = []
  const errors = errorsOfFile()
  let lines = 0
  for (const line of linesOf(textOf(bytes))) {
    lines += 1
    // A plan without actions is no less work than an action.
    requireAtMost(lines, plansPerImport)
    const read = readLine(line, strictness)
    errors.add(...read.errors)
    if (read.plan !== null) plans.push(read.plan)
    if (lines % 100 === 0) requireFew({ plans, homeless: [] })
  }
  return { plans, homeless: [], errors, showsEffectiveVisibility: false }
}

function requireFew({ plans, homeless }: Pick<FileDraft, 'plans' | 'homeless'>): void {
  const actions = [...plans.flatMap((plan) => plan.actions), ...homeless]
  requireAtMost(actions.length, actionsPerImport)
  requireAtMost(plans.length, plansPerImport)
  requireAtMost(
    actions.reduce((sum, { fields }) => sum + (fields.notes?.length ?? 0), 0),
    notesPerImport,
  )
}

interface Most {
  most: number
  of: string
}

function requireAtMost(count: number, limit: Most): void {
  if (count > limit.most) throw new FileRefused(`${atMost(limit)} ${WAYS_ON}`)
}

function atMost({ most, of }: Most): string {
  return `There can be at most ${most.toLocaleString('en')} ${of}.`
}
