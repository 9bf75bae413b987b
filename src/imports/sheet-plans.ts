/** A plan as the rows of a sheet tell of it: each of its members stands in one row at least, and is the same in all. Pure. */
import type { SheetColumn } from '../actions/sheet-columns.ts'
import { tidy } from '../platform/text.ts'
import { visibility } from './codes.ts'
import { type ActionDraft, checked, errorsOfDraft, type PlanDraft } from './drafts.ts'
import type { ImportError } from './error-list.ts'
import { planOfRow } from './schemas.ts'
import { type Cells, keyOf, PLAN_COLUMNS, readCells } from './sheet-cells.ts'

type Member = (typeof PLAN_COLUMNS)[keyof typeof PLAN_COLUMNS]['member']

const COLUMN_OF: Readonly<Record<Member, SheetColumn>> = {
  title: 'plan',
  visibility: 'planVisibility',
  description: 'planDescription',
}

/** The form in which what two rows say is compared. */
const COMPARED: Readonly<Record<Member, (text: string) => string>> = {
  title: keyOf,
  visibility: (text) => visibility().safeParse(text).data ?? keyOf(text),
  description: tidy,
}

interface Words {
  wrong(row: number, column: SheetColumn, message: string): ImportError
  word: (code: string) => string
}

export class PlanInSheet {
  /** What the importer calls it; null if that is not valid. */
  readonly externalId: string | null
  readonly actions: ActionDraft[] = []
  readonly #firstRow: number
  readonly #words: Words
  readonly #errors = errorsOfDraft()
  /** What has been said of each member, and in which row. */
  readonly #said = new Map<Member, { row: number; text: string; key: string }>()
  readonly #told = new Set<string>()

  constructor(externalId: string | null, firstRow: number, words: Words) {
    this.externalId = externalId
    this.#firstRow = firstRow
    this.#words = words
  }

  /** Takes what a row says. */
  add(row: number, cells: Cells): void {
    const { values, complaints, told } = readCells(cells, PLAN_COLUMNS, false)
    for (const { column, message } of complaints) this.#errors.add(this.#words.wrong(row, column, message))
    for (const member of told) this.#told.add(member)
    for (const member of Object.keys(COLUMN_OF) as Member[]) {
      const text = values[member]
      if (typeof text !== 'string') continue
      const key = COMPARED[member](text)
      const before = this.#said.get(member)
      if (before === undefined) this.#said.set(member, { row, text, key })
      else if (before.key !== key)
        this.#errors.add(
          this.#words.wrong(
            row,
            COLUMN_OF[member],
            `is another ${member} of the plan than in row ${before.row}`,
          ),
        )
    }
  }

  draft(): PlanDraft {
    const { word } = this.#words
    const wrong = (member: string, message: string) => {
      const place = this.#said.get(member as Member)?.row ?? this.#firstRow
      const column = member in COLUMN_OF ? COLUMN_OF[member as Member] : 'plan'
      return this.#words.wrong(place, column, message)
    }
    const values = Object.fromEntries([...this.#said].map(([member, { text }]) => [member, text]))
    // A member that stands nowhere but in cells that cannot be read is not missing.
    const told = new Set([...this.#told].filter((member) => !this.#said.has(member as Member)))
    const { fields, errors } = checked(planOfRow, values, { members: null, wrong, word, told })
    errors.addAll(this.#errors)
    const isUntitled = !this.#said.has('title') && !told.has('title')
    return {
      ...{ externalId: this.externalId, fields, errors, wrong, word },
      ...{ actions: this.actions, isUntitled },
    }
  }
}
