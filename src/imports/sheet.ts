/** Reads the sheet of actions of a workbook: a row an action, with its plan beside it. Pure. */
import { SHEET_COLUMNS, type SheetColumn } from '../actions/sheet-columns.ts'
import { fold, referenceText } from '../platform/text.ts'
import { wordsIn } from './codes.ts'
import {
  type ActionDraft,
  checked,
  errorsOfDraft,
  errorsOfFile,
  type FileDraft,
  type Strictness,
  TITLE_PREFIX,
} from './drafts.ts'
import type { ErrorList, ImportError } from './error-list.ts'
import { actionOfRow } from './schemas.ts'
import {
  ACTION_COLUMNS,
  type Cells,
  columnOfMember,
  complaintOfCell,
  keyOf,
  PLAN_COLUMNS,
  readCells,
  textIn,
} from './sheet-cells.ts'
import { type Header, HEADER_ROWS, headerRowOf, readHeader } from './sheet-header.ts'
import { PlanInSheet } from './sheet-plans.ts'
import { type Bounds, FileRefused } from './workbook/refusal.ts'
import { cellName, type Row } from './workbook/sheet-reader.ts'
import { openWorkbook } from './workbook/workbook-reader.ts'

/** Sheets of these names are looked at first. */
const SHEET_NAMES = new Set(['actions', 'acciones'])
/** The Action ID of the template's example, which is no action. */
const EXAMPLES = new Set(['example', 'ejemplo'])
const MOST_SHEETS = 20

/** Throws `FileRefused` for what is no workbook, or has no sheet of actions. */
export async function readWorkbook(
  file: Uint8Array,
  bounds: Bounds,
  { isLenient }: Strictness,
): Promise<FileDraft> {
  const workbook = await openWorkbook(file, bounds)
  const isFirst = (name: string) => SHEET_NAMES.has(fold(name.trim()))
  const names = [...workbook.sheets].sort((left, right) => Number(isFirst(right)) - Number(isFirst(left)))
  for (const name of names.slice(0, MOST_SHEETS)) {
    if (headerRowOf(await workbook.read(name, HEADER_ROWS)) === undefined) continue
    const rows = await workbook.read(name)
    const row = headerRowOf(rows)
    if (row === undefined) continue
    const header = readHeader(row, isLenient)
    return new SheetDraft(name, header, workbook.isFrom1904).of(row, rows)
  }
  const { plan, title } = SHEET_COLUMNS
  throw new FileRefused(
    `No sheet has the columns "${plan.en}" and "${title.en}" (or "${plan.es}" and "${title.es}") in one of its first ${HEADER_ROWS} rows.`,
  )
}

/** Makes the draft of a sheet. */
class SheetDraft {
  readonly #sheet: string
  readonly #header: Header
  readonly #isFrom1904: boolean
  readonly #word: (code: string) => string
  readonly #errors = errorsOfFile()
  readonly #plans = new Map<string, PlanInSheet>()
  /** What rows say of a plan that is not named, or not clearly: their actions are homeless. */
  readonly #strays: PlanInSheet[] = []
  /** The ids of plans that have one of their own, by their titles. */
  readonly #ids = new Map<string, Set<string>>()

  constructor(sheet: string, header: Header, isFrom1904: boolean) {
    this.#sheet = sheet
    this.#header = header
    this.#isFrom1904 = isFrom1904
    this.#word = wordsIn(header.locale)
  }

  of(header: Row, rows: readonly Row[]): FileDraft {
    for (const { place, message } of this.#header.complaints)
      this.#errors.add({ sheet: this.#sheet, cell: cellName(place, header.number), message })
    const taken = rows
      .filter(({ number }) => number > header.number)
      .map(({ number, cells }) => ({ number, cells: this.#cells(cells) }))
      .filter(({ cells }) => cells.size > 0 && !EXAMPLES.has(keyOf(textIn(cells.get('actionId')))))
    for (const { cells } of taken) {
      const [id, title] = [readableIn(cells, 'planId'), keyOf(readableIn(cells, 'plan'))]
      if (id !== '' && title !== '') this.#ids.set(title, (this.#ids.get(title) ?? new Set()).add(id))
    }
    for (const { number, cells } of taken) this.#row(number, cells)
    const strays = this.#strays.map((plan) => plan.draft())
    for (const { errors } of strays) this.#errors.addAll(errors)
    return {
      plans: [...this.#plans.values()].map((plan) => plan.draft()),
      homeless: strays.flatMap(({ actions }) => actions),
      errors: this.#errors,
      showsEffectiveVisibility: true,
    }
  }

  #cells(cells: Row['cells']): Cells {
    const known = [...this.#header.places].flatMap(([column, place]) => {
      const cell = cells.get(place)
      return cell === undefined || cell.value.trim() === '' ? [] : [[column, cell] as const]
    })
    return new Map(known)
  }

  /** The error at the cell of a column; at the row's first cell if the sheet does not have that column. */
  #wrong(row: number, column: SheetColumn, message: string): ImportError {
    return { sheet: this.#sheet, cell: cellName(this.#header.places.get(column) ?? 1, row), message }
  }

  #row(row: number, cells: Cells): void {
    const plan = this.#planOf(row, cells)
    plan.add(row, cells)
    const hasAction = [...cells.keys()].some(
      (column) => ACTION_COLUMNS[column] !== undefined || column === 'actionId',
    )
    if (hasAction) plan.actions.push(this.#action(row, cells, plan.externalId))
  }

  /** The plan of a row, which is looked at even if it is not clear which one it is. */
  #planOf(row: number, cells: Cells): PlanInSheet {
    const title = keyOf(readableIn(cells, 'plan'))
    const given = textIn(cells.get('planId'))
    if (given !== '') {
      const id = this.#reference(row, 'planId', cells, this.#errors)
      if (id !== null) return this.#named(id, row)
      return this.#nameless(title === '' ? `id ${given}` : `title ${title}`, row)
    }
    if (title === '') {
      const isTold = Object.keys(PLAN_COLUMNS).some((column) => cells.has(column as SheetColumn))
      return isTold ? this.#nameless(`row ${row}`, row) : this.#stray(row)
    }
    const [only, ...others] = this.#ids.get(title) ?? []
    if (others.length === 0) return this.#named(only ?? `${TITLE_PREFIX}${title}`, row)
    const message = 'is the title of several plans in this sheet: give the id of the plan'
    this.#errors.add(this.#wrong(row, 'plan', message))
    return this.#stray(row)
  }

  #named(externalId: string, row: number): PlanInSheet {
    return this.#kept(`named ${externalId}`, externalId, row)
  }

  /** A plan whose own name cannot be told. @param key what its rows have in common */
  #nameless(key: string, row: number): PlanInSheet {
    return this.#kept(`nameless ${key}`, null, row)
  }

  #kept(key: string, externalId: string | null, row: number): PlanInSheet {
    const plan = this.#plans.get(key) ?? this.#newPlan(externalId, row)
    this.#plans.set(key, plan)
    return plan
  }

  /** Stands for the plan of a row that is no plan of its own. */
  #stray(row: number): PlanInSheet {
    const plan = this.#newPlan(null, row)
    this.#strays.push(plan)
    return plan
  }

  #newPlan(externalId: string | null, row: number): PlanInSheet {
    const wrong = (at: number, column: SheetColumn, message: string) => this.#wrong(at, column, message)
    return new PlanInSheet(externalId, row, { wrong, word: this.#word })
  }

  /** The id in a cell; null if it is not valid. */
  #reference(row: number, column: 'planId' | 'actionId', cells: Cells, errors: ErrorList): string | null {
    const cell = cells.get(column)
    const { data, error } = referenceText().safeParse(textIn(cell))
    const complaint = cell === undefined ? null : complaintOfCell(cell, true)
    const message = complaint ?? error?.issues[0]?.message
    if (message !== undefined) errors.add(this.#wrong(row, column, message))
    return message === undefined ? (data ?? null) : null
  }

  #action(row: number, cells: Cells, planId: string | null): ActionDraft {
    const { values, complaints, told, about } = readCells(cells, ACTION_COLUMNS, this.#isFrom1904)
    const word = this.#word
    const wrong = (member: string, message: string) =>
      member === 'externalId'
        ? this.#wrong(row, 'actionId', message)
        : this.#wrong(row, columnOfMember(member), about(member, message))
    const errors = errorsOfDraft()
    const hasId = cells.has('actionId')
    const id = hasId ? this.#reference(row, 'actionId', cells, errors) : null
    for (const { column, message } of complaints) errors.add(this.#wrong(row, column, message))
    const found = checked(actionOfRow, values, { members: null, wrong, word, told })
    errors.addAll(found.errors)
    const { fields } = found
    const isTitled = planId !== null && typeof fields.title === 'string'
    const derived = isTitled ? `${TITLE_PREFIX}${planId} / ${keyOf(fields.title ?? '')}` : null
    return { externalId: hasId ? id : derived, fields, errors, wrong, word }
  }
}

/** The text of a cell; an empty one if it cannot be read. */
function readableIn(cells: Cells, column: SheetColumn): string {
  const cell = cells.get(column)
  return cell === undefined || complaintOfCell(cell) !== null ? '' : textIn(cell)
}
