/** Reads the sheet of actions of a workbook: a row an action, with its plan beside it. Pure. */
import { SHEET_COLUMNS, type SheetColumn } from '../actions/sheet-columns.ts'
import { LOCALES } from '../db/enums.ts'
import { probablyMeant } from '../platform/suggestion.ts'
import { fold, referenceText } from '../platform/text.ts'
import { focusItemIn } from './codes.ts'
import {
  type ActionDraft,
  checked,
  type FileDraft,
  type ImportError,
  type PlanDraft,
  type Strictness,
} from './drafts.ts'
import { serialText } from './moments.ts'
import { actionOfRow, planOfRow } from './schemas.ts'
import { type Bounds, FileRefused } from './workbook/refusal.ts'
import { type Cell, cellName, type Row } from './workbook/sheet-reader.ts'
import { openWorkbook, type WorkbookReader } from './workbook/workbook-reader.ts'

/** What a column says: which member of an action, and how its cells are read. */
interface Meaning {
  member: string
  read: 'text' | 'list' | 'focus' | 'moment'
}

/** The columns that an import reads besides those of the plan and the ids; all others follow from these. */
const MEANINGS: Partial<Record<SheetColumn, Meaning>> = {
  title: { member: 'title', read: 'text' },
  description: { member: 'description', read: 'text' },
  actionType: { member: 'actionType', read: 'text' },
  origin: { member: 'origin', read: 'text' },
  visibility: { member: 'visibility', read: 'text' },
  status: { member: 'status', read: 'text' },
  assignees: { member: 'assigneeNames', read: 'list' },
  assigneeEmails: { member: 'assignees', read: 'list' },
  assigneeIds: { member: 'assigneeIds', read: 'list' },
  areas: { member: 'areas', read: 'list' },
  areaIds: { member: 'areaIds', read: 'list' },
  focus: { member: 'focusItems', read: 'focus' },
  dueDate: { member: 'dueDate', read: 'moment' },
  startedAt: { member: 'startedAt', read: 'moment' },
  finishedAt: { member: 'finishedAt', read: 'moment' },
  createdByEmail: { member: 'createdBy', read: 'text' },
  createdAt: { member: 'createdAt', read: 'moment' },
}

/** Sheets of these names are looked at first. */
const SHEET_NAMES = new Set(['actions', 'acciones'])
/** The Action ID of the template's example, which is no action. */
const EXAMPLES = new Set(['example', 'ejemplo'])
/** The columns that say which plan and which action a row is about. */
const KEYS = ['planId', 'plan', 'actionId'] as const
const EXCEL_ERROR = 'holds an error of Excel'
const HEADER_ROWS = 20
const MOST_SHEETS = 20

const HEADERS = new Map<string, SheetColumn>(
  (Object.keys(SHEET_COLUMNS) as SheetColumn[]).flatMap((column) =>
    LOCALES.map((locale): [string, SheetColumn] => [fold(SHEET_COLUMNS[column][locale]), column]),
  ),
)
const ALL_HEADERS = Object.values(SHEET_COLUMNS).flatMap((words) => LOCALES.map((locale) => words[locale]))

/** Throws `FileRefused` for what is no workbook, or has no sheet of actions. */
export async function readWorkbook(
  file: Uint8Array,
  bounds: Bounds,
  strictness: Strictness,
): Promise<FileDraft> {
  const workbook = await openWorkbook(file, bounds)
  const isFirst = (name: string) => SHEET_NAMES.has(fold(name.trim()))
  const names = [...workbook.sheets].sort((left, right) => Number(isFirst(right)) - Number(isFirst(left)))
  for (const name of names.slice(0, MOST_SHEETS)) {
    if (headerRowOf(await workbook.read(name, HEADER_ROWS)) !== undefined)
      return new SheetDraft(name, workbook, strictness).of(await workbook.read(name))
  }
  const { plan, title } = SHEET_COLUMNS
  throw new FileRefused(
    `No sheet has the columns "${plan.en}" and "${title.en}" (or "${plan.es}" and "${title.es}") in one of its first ${HEADER_ROWS} rows.`,
  )
}

function columnOf({ kind, value }: Cell): SheetColumn | undefined {
  return kind === 'text' ? HEADERS.get(fold(value.slice(0, 100).trim())) : undefined
}

function headerRowOf(rows: readonly Row[]): Row | undefined {
  return rows.find(({ number, cells }) => {
    const columns = [...cells.values()].map(columnOf)
    return (
      number <= HEADER_ROWS &&
      columns.includes('title') &&
      (columns.includes('plan') || columns.includes('planId'))
    )
  })
}

/** The cells of a row by the column that they belong to. */
type Cells = ReadonlyMap<SheetColumn, Cell>

/** Makes the draft of a sheet. */
class SheetDraft {
  readonly #sheet: string
  readonly #workbook: WorkbookReader
  readonly #strictness: Strictness
  readonly #errors: ImportError[] = []
  /** The number of each column. */
  readonly #places = new Map<SheetColumn, number>()
  readonly #plans = new Map<string, PlanDraft & { row: number; visibility: string }>()
  /** The plans with an id of their own, by their titles. */
  readonly #named = new Map<string, Set<string>>()

  constructor(sheet: string, workbook: WorkbookReader, strictness: Strictness) {
    this.#sheet = sheet
    this.#workbook = workbook
    this.#strictness = strictness
  }

  of(rows: readonly Row[]): FileDraft {
    const header = headerRowOf(rows)
    const columns = this.#columns(header)
    const body = rows.filter(({ number }) => number > (header?.number ?? 0))
    const read = body.map(({ number, cells }) => ({ number, cells: this.#cells(cells, columns) }))
    const taken = read.filter(
      ({ cells }) => cells.size > 0 && !EXAMPLES.has(keyOf(textIn(cells.get('actionId')))),
    )
    for (const { cells } of taken) {
      const [id, title] = [textIn(cells.get('planId')), keyOf(textIn(cells.get('plan')))]
      if (id !== '' && title !== '') this.#named.set(title, (this.#named.get(title) ?? new Set()).add(id))
    }
    for (const { number, cells } of taken) this.#row(number, cells)
    return { plans: [...this.#plans.values()], errors: this.#errors, showsEffectiveVisibility: true }
  }

  /** Columns by number; one that is not known, or stands there twice, is an error at its header. */
  #columns(header: Row | undefined): ReadonlyMap<number, SheetColumn> {
    const columns = new Map<number, SheetColumn>()
    for (const [place, cell] of header?.cells ?? []) {
      const column = columnOf(cell)
      const at = (message: string) => this.#errors.push({ ...this.#at(header?.number ?? 0, place), message })
      if (column === undefined) {
        if (this.#strictness.isLenient) continue
        const meant = probablyMeant(cell.value.slice(0, 100), ALL_HEADERS)
        at(
          meant === null
            ? 'is no column that is known'
            : `is no column that is known; did you mean "${meant}"?`,
        )
      } else if (this.#places.has(column)) at('stands there twice')
      else {
        columns.set(place, column)
        this.#places.set(column, place)
      }
    }
    return columns
  }

  #at(row: number, column: number) {
    return { sheet: this.#sheet, cell: cellName(column, row) }
  }

  /** The error at the cell of a column; at the row's first cell if the sheet does not have that column. */
  #wrong(row: number, column: SheetColumn, message: string): ImportError {
    return { ...this.#at(row, this.#places.get(column) ?? 1), message }
  }

  #cells(cells: Row['cells'], columns: ReadonlyMap<number, SheetColumn>): Cells {
    const known = new Map<SheetColumn, Cell>()
    for (const [place, cell] of cells) {
      const column = columns.get(place)
      if (column !== undefined && cell.value.trim() !== '') known.set(column, cell)
    }
    return known
  }

  #row(number: number, cells: Cells): void {
    const broken = KEYS.filter((column) => cells.get(column)?.kind === 'error')
    for (const column of broken) this.#errors.push(this.#wrong(number, column, EXCEL_ERROR))
    if (broken.length > 0) return
    const plan = this.#plan(number, cells)
    if (plan === null) return
    const hasAction = [...cells.keys()].some(
      (column) => MEANINGS[column] !== undefined || column === 'actionId',
    )
    if (!hasAction) return
    const action = this.#action(number, cells, plan.externalId)
    if (action !== null) plan.actions.push(action)
  }

  /** The plan of a row, which its first row makes; null if its id is not valid. */
  #plan(row: number, cells: Cells): PlanDraft | null {
    const [id, title] = [textIn(cells.get('planId')), textIn(cells.get('plan'))]
    const wrong = (member: string, message: string) =>
      this.#wrong(row, member === 'visibility' ? 'planVisibility' : 'plan', message)
    if (id === '' && title === '') {
      this.#errors.push(wrong('title', 'must not be empty'))
      return null
    }
    const externalId = this.#planId(row, id, title)
    if (externalId === null) return null
    const visibility = textIn(cells.get('planVisibility'))
    const known = this.#plans.get(externalId)
    if (known === undefined) {
      const value = { title, ...(visibility === '' ? {} : { visibility }) }
      const { fields, errors } = checked(planOfRow, value, null, wrong)
      const plan = {
        externalId,
        fields,
        errors,
        wrong,
        actions: [],
        row,
        visibility,
        isUntitled: title === '',
      }
      this.#plans.set(externalId, plan)
      return plan
    }
    const conflicts = [
      ...(title !== '' && known.fields !== null && keyOf(title) !== keyOf(known.fields.title)
        ? [wrong('title', `is another title of the plan than in row ${known.row}`)]
        : []),
      ...(visibility !== '' && keyOf(visibility) !== keyOf(known.visibility)
        ? [wrong('visibility', `is another visibility of the plan than in row ${known.row}`)]
        : []),
    ]
    if (conflicts.length > 0) known.errors = [...known.errors, ...conflicts]
    return known
  }

  /** What the plan is called: its id, or a name made of its title; null if that is not valid. */
  #planId(row: number, id: string, title: string): string | null {
    if (id !== '') return this.#reference(row, 'planId', id)
    const ids = [...(this.#named.get(keyOf(title)) ?? [])]
    if (ids.length > 1) {
      this.#errors.push(
        this.#wrong(row, 'plan', 'is the title of several plans in this sheet: give the id of the plan'),
      )
      return null
    }
    return ids[0] ?? `title: ${keyOf(title)}`
  }

  #reference(row: number, column: 'planId' | 'actionId', id: string): string | null {
    const { data, error } = referenceText().safeParse(id)
    if (data === undefined)
      this.#errors.push(this.#wrong(row, column, error.issues[0]?.message ?? 'is not valid'))
    return data ?? null
  }

  #action(row: number, cells: Cells, planId: string): ActionDraft | null {
    const id = textIn(cells.get('actionId'))
    const wrong = (member: string, message: string) => this.#wrong(row, columnFor(member), message)
    const errors: ImportError[] = []
    const value: Record<string, unknown> = {}
    for (const [column, cell] of cells) {
      const meaning = MEANINGS[column]
      if (meaning === undefined) continue
      if (cell.kind === 'error') errors.push(this.#wrong(row, column, EXCEL_ERROR))
      else value[meaning.member] = this.#valueOf(cell, meaning)
    }
    const { fields, errors: further } = checked(actionOfRow, value, null, wrong)
    const title = textIn(cells.get('title'))
    const externalId = id === '' ? `title: ${planId} / ${keyOf(title)}` : this.#reference(row, 'actionId', id)
    if (externalId === null) return null
    const all = [...errors, ...further]
    return { externalId, fields: all.length === 0 ? fields : null, errors: all, wrong }
  }

  #valueOf(cell: Cell, { read }: Meaning): unknown {
    if (read === 'moment') {
      const serial = cell.kind === 'number' ? serialText(Number(cell.value), this.#workbook.isFrom1904) : null
      return serial ?? cell.value.trim()
    }
    const text = textIn(cell)
    if (read === 'text') return text
    const items = text
      .split(/[;\n]/)
      .map((item) => item.trim())
      .filter((item) => item !== '')
    return read === 'focus' ? items.map(focusItemIn) : items
  }
}

/** The column whose cell an error of a member is about; `createdBy` may stand in a list of members. */
function columnFor(member: string): SheetColumn {
  const [name = ''] = member.split('.')
  for (const [column, meaning] of Object.entries(MEANINGS) as [SheetColumn, Meaning][])
    if (meaning.member === name) return column
  return 'title'
}

/** The text of a cell, tidied; a number as it is usually written. */
function textIn(cell: Cell | undefined): string {
  if (cell === undefined) return ''
  if (cell.kind === 'number') return /^-?\d+$/.test(cell.value) ? cell.value : String(Number(cell.value))
  return cell.value.trim()
}

/** The form in which titles are compared. Only its beginning counts: a title has 200 characters, a hostile cell more. */
function keyOf(title: string): string {
  return fold(title.slice(0, 1000)).trim()
}
