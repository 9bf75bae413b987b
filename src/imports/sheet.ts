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
import { ACTION_COLUMNS, type Cells, columnOfMember, complaintOfCell, keyOf } from './sheet-cells.ts'
import { readCells, textIn } from './sheet-cells.ts'
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
  readonly #homeless: ActionDraft[] = []
  /** The plans with an id of their own, by their titles. */
  readonly #named = new Map<string, Set<string>>()

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
      if (id !== '' && title !== '') this.#named.set(title, (this.#named.get(title) ?? new Set()).add(id))
    }
    for (const { number, cells } of taken) this.#row(number, cells)
    return {
      plans: [...this.#plans.values()].map((plan) => plan.draft()),
      homeless: this.#homeless,
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
    const planId = this.#planId(row, cells)
    if (planId !== null) this.#planOf(planId, row).add(row, cells)
    const hasAction = [...cells.keys()].some(
      (column) => ACTION_COLUMNS[column] !== undefined || column === 'actionId',
    )
    if (!hasAction) return
    const action = this.#action(row, cells, planId)
    const home = planId === null ? this.#homeless : this.#planOf(planId, row).actions
    home.push(action)
  }

  #planOf(externalId: string, row: number): PlanInSheet {
    const plan =
      this.#plans.get(externalId) ??
      new PlanInSheet(externalId, row, {
        wrong: (at, column, message) => this.#wrong(at, column, message),
        word: this.#word,
      })
    this.#plans.set(externalId, plan)
    return plan
  }

  /** What the plan of a row is called: its id, or a name made of its title; null if that is not valid. */
  #planId(row: number, cells: Cells): string | null {
    const id = textIn(cells.get('planId'))
    if (id !== '') return this.#reference(row, 'planId', cells, this.#errors)
    const cell = cells.get('plan')
    const complaint = cell === undefined ? 'must not be empty' : complaintOfCell(cell)
    if (complaint !== null) {
      this.#errors.add(this.#wrong(row, 'plan', complaint))
      return null
    }
    const title = keyOf(textIn(cell))
    const [only, ...others] = this.#named.get(title) ?? []
    if (others.length === 0) return only ?? `${TITLE_PREFIX}${title}`
    const message = 'is the title of several plans in this sheet: give the id of the plan'
    this.#errors.add(this.#wrong(row, 'plan', message))
    return null
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
