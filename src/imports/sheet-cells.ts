/** What the cells of a row say: by their columns, as the members that schemas check. Pure. */
import type { SheetColumn } from '../actions/sheet-columns.ts'
import { itemsIn } from '../actions/sheet-lists.ts'
import { fold } from '../platform/text.ts'
import { focusItemIn } from './codes.ts'
import { quoted } from './drafts.ts'
import { serialText } from './moments.ts'
import type { Cell } from './workbook/sheet-reader.ts'

/** The cells of a row that have a value, by the column that they belong to. */
export type Cells = ReadonlyMap<SheetColumn, Cell>

/** What a column says: which member, and how its cells are read. */
interface Meaning {
  member: string
  read: 'text' | 'list' | 'focus' | 'moment'
}

type Meanings = Partial<Record<SheetColumn, Meaning>>

/** The columns about the plan besides its id. */
export const PLAN_COLUMNS = {
  plan: { member: 'title', read: 'text' },
  planVisibility: { member: 'visibility', read: 'text' },
  planDescription: { member: 'description', read: 'text' },
} as const satisfies Meanings

/** The columns about the action besides its id; all others follow from these. */
export const ACTION_COLUMNS: Meanings = {
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

/** The column of a member of an action, which may lie inside a list; that of the title for any other. */
export function columnOfMember(member: string): SheetColumn {
  const [name = ''] = member.split('.')
  for (const [column, meaning] of Object.entries(ACTION_COLUMNS) as [SheetColumn, Meaning][])
    if (meaning.member === name) return column
  return 'title'
}

/** Excel keeps so many digits of a number. */
const MOST_DIGITS = 15

/** What is wrong with a cell whatever its column takes; null if nothing is. */
export function complaintOfCell({ kind, value }: Cell, isId = false): string | null {
  if (kind === 'error') return 'holds an error of Excel'
  if (kind === 'boolean')
    return 'is a logical value of Excel (TRUE or FALSE): format the cell as text and type it anew'
  const digits = value.replace(/^-/, '').length
  return isId && kind === 'number' && digits > MOST_DIGITS
    ? 'is a number that Excel has rounded: format the cell as text and type it anew'
    : null
}

/** The text of a cell, trimmed; a number as it is usually written; of no cell an empty one. */
export function textIn(cell: Cell | undefined): string {
  if (cell === undefined) return ''
  if (cell.kind === 'number') return /^-?\d+$/.test(cell.value) ? cell.value : String(Number(cell.value))
  return cell.value.trim()
}

/** The form in which titles are compared. Only its beginning counts: a title has 200 characters, a hostile cell more. */
export function keyOf(title: string): string {
  return fold(title.slice(0, 1000)).trim()
}

export interface RowReading {
  /** Values by member. */
  values: Record<string, unknown>
  /** What is wrong with cells. */
  complaints: { column: SheetColumn; message: string }[]
  /** The members of these cells. */
  told: ReadonlySet<string>
  /** The complaint about a member; of an item in a list, with the item. */
  about: (member: string, message: string) => string
}

/** Reads the cells of those columns. */
export function readCells(cells: Cells, columns: Meanings, isFrom1904: boolean): RowReading {
  const values: Record<string, unknown> = {}
  const items = new Map<string, readonly string[]>()
  const complaints: RowReading['complaints'] = []
  const told = new Set<string>()
  for (const [column, cell] of cells) {
    const meaning = columns[column]
    if (meaning === undefined) continue
    const { member, read } = meaning
    const complaint = complaintOfCell(cell)
    if (complaint !== null) {
      complaints.push({ column, message: complaint })
      told.add(member)
    } else if (read === 'text') values[member] = textIn(cell)
    else if (read === 'moment') values[member] = momentIn(cell, isFrom1904)
    else {
      const list = itemsIn(textIn(cell))
      items.set(member, list)
      values[member] = read === 'focus' ? list.map(focusItemIn) : list
    }
  }
  const about = (member: string, message: string) => {
    const [name = '', place] = member.split('.')
    const item = place === undefined ? undefined : items.get(name)?.[Number(place)]
    return item === undefined || message.startsWith('"') ? message : quoted(item, message)
  }
  return { values, complaints, told, about }
}

function momentIn(cell: Cell, isFrom1904: boolean): string {
  const serial = cell.kind === 'number' ? serialText(Number(cell.value), isFrom1904) : null
  return serial ?? cell.value.trim()
}
