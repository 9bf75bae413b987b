/** Reads the cells of a sheet, and of the shared strings those that they show. Pure. */
import { parsePart } from './parts.ts'
import { Allowance, type Bounds, FileRefused } from './refusal.ts'
import type { Attributes, XmlHandler } from './xml-reader.ts'
import type { ZipReader } from './zip-reader.ts'

/** A cell with a value: text as it is shown, a number as it is written, or an error such as `#N/A`. */
export interface Cell {
  kind: 'text' | 'number' | 'boolean' | 'error'
  value: string
}

/** A row with a value; cells by the number of their column, A being 1. */
export interface Row {
  number: number
  cells: ReadonlyMap<number, Cell>
}

interface RawCell {
  kind: Cell['kind'] | 'shared'
  value: string
}

const MOST_COLUMNS = 16_384
const MOST_ROWS = 1_048_576
const KINDS: Readonly<Record<string, RawCell['kind']>> = {
  s: 'shared',
  str: 'text',
  inlineStr: 'text',
  // A date of ISO 8601, which strict workbooks may have.
  d: 'text',
  b: 'boolean',
  e: 'error',
  n: 'number',
}

/** Name of a cell: `A1`. */
export function cellName(column: number, row: number): string {
  let letters = ''
  for (let left = column; left > 0; left = Math.floor((left - 1) / 26))
    letters = String.fromCharCode(65 + ((left - 1) % 26)) + letters
  return `${letters}${row}`
}

/** Column and row of a cell's name; null if it is none. */
function placeOf(name: string): { column: number; row: number } | null {
  const [, letters = '', digits = ''] = /^([A-Z]{1,3})([1-9]\d{0,6})$/.exec(name) ?? []
  if (letters === '') return null
  let column = 0
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64
  return column > MOST_COLUMNS || Number(digits) > MOST_ROWS ? null : { column, row: Number(digits) }
}

/**
 * The rows of the sheet that have a value, with their texts. Throws `FileRefused`, also for a formula, unless only the
 * first rows are looked at.
 * @param strings name of the part with the shared strings; null if there is none
 * @param first how many rows are read; null for all
 */
export async function readRows(
  zip: ZipReader,
  sheet: { name: string; part: string },
  strings: string | null,
  bounds: Bounds,
  first: number | null,
): Promise<Row[]> {
  const collector = new SheetHandler(sheet.name, bounds, first)
  if (!(await parsePart(zip, sheet.part, collector, () => collector.isDone)))
    throw new FileRefused('A sheet of the workbook is not there.')
  const shared = await sharedStrings(zip, strings, collector.wanted, bounds)
  const characters = new Allowance(bounds.characters, 'The sheet has more text than an import may have.')
  return collector.rows.map(({ number, cells }) => ({
    number,
    cells: new Map(
      [...cells].flatMap(([column, { kind, value }]): [number, Cell][] => {
        const text = kind === 'shared' ? shared.get(value) : value
        if (text === undefined)
          throw new FileRefused(`Cell ${cellName(column, number)} has a text that is not there.`)
        characters.take(text.length)
        return text === '' ? [] : [[column, { kind: kind === 'shared' ? 'text' : kind, value: text }]]
      }),
    ),
  }))
}

class SheetHandler implements XmlHandler {
  readonly rows: { number: number; cells: Map<number, RawCell> }[] = []
  /** Numbers of the shared strings that cells show. */
  readonly wanted = new Set<string>()
  /** Whether all rows that are wanted have been read. */
  isDone = false
  readonly #sheet: string
  readonly #first: number | null
  readonly #path: string[] = []
  readonly #rowsLeft: Allowance
  readonly #cellsLeft: Allowance
  readonly #charactersLeft: Allowance
  #row = 0
  #column = 0
  #cells = new Map<number, RawCell>()
  #kind: RawCell['kind'] = 'number'
  #value: string[] = []

  constructor(sheet: string, bounds: Bounds, first: number | null) {
    this.#sheet = sheet
    this.#first = first
    const allow = (most: number, of: string) =>
      new Allowance(
        most,
        `The sheet ${sheet} has more ${of} than an import may have (${most.toLocaleString('en')}). ${bounds.advice}`,
      )
    this.#rowsLeft = allow(bounds.rows, 'rows')
    this.#cellsLeft = allow(bounds.cells, 'cells with a value')
    this.#charactersLeft = new Allowance(
      bounds.characters,
      `The sheet ${sheet} has more text than an import may have.`,
    )
  }

  open(name: string, attributes: Attributes): void {
    this.#path.push(name)
    const path = this.#path.join('/')
    if (path === 'worksheet/sheetData/row') this.#openRow(attributes)
    else if (path === 'worksheet/sheetData/row/c') this.#openCell(attributes)
    else if (path === 'worksheet/sheetData/row/c/f' && this.#first === null)
      throw new FileRefused(
        `Cell ${cellName(this.#column, this.#row)} of the sheet ${this.#sheet} has a formula. Paste values in place of formulas.`,
      )
  }

  text(piece: string): void {
    if (!isShown(this.#path.slice(3))) return
    this.#charactersLeft.take(piece.length)
    this.#value.push(piece)
  }

  close(): void {
    const path = this.#path.join('/')
    this.#path.pop()
    if (path === 'worksheet/sheetData/row/c') this.#closeCell()
    else if (path === 'worksheet/sheetData/row' && this.#cells.size > 0)
      this.rows.push({ number: this.#row, cells: this.#cells })
  }

  #openRow(attributes: Attributes): void {
    this.#rowsLeft.take(1)
    const number = attributes.get('r')
    this.#row = number === undefined ? this.#row + 1 : Number(number)
    if (!Number.isInteger(this.#row) || this.#row < 1 || this.#row > MOST_ROWS)
      throw new FileRefused(`The sheet ${this.#sheet} has a row without a place.`)
    if (this.#first !== null && this.#row > this.#first) this.isDone = true
    this.#column = 0
    this.#cells = new Map()
  }

  #openCell(attributes: Attributes): void {
    const name = attributes.get('r')
    const place = name === undefined ? { column: this.#column + 1, row: this.#row } : placeOf(name)
    if (place?.row !== this.#row || place.column > MOST_COLUMNS)
      throw new FileRefused(`The sheet ${this.#sheet} has a cell without a place.`)
    this.#column = place.column
    this.#value = []
    const kind = KINDS[attributes.get('t') ?? 'n']
    if (kind === undefined)
      throw new FileRefused(`Cell ${cellName(this.#column, this.#row)} has an unknown type.`)
    this.#kind = kind
  }

  #closeCell(): void {
    if (this.#value.length === 0) return
    const joined = this.#value.join('')
    const value = this.#kind === 'text' ? joined : joined.trim()
    this.#value = []
    if (this.isDone) return
    this.#cellsLeft.take(1)
    if (this.#kind === 'shared') this.wanted.add(value)
    const isText = this.#kind === 'text'
    this.#cells.set(this.#column, { kind: this.#kind, value: isText ? unescapedText(value) : value })
  }
}

/** Whether text at this place below a cell or a shared string is shown: a value, or a run of text, but no reading aid. */
function isShown(path: readonly string[]): boolean {
  const inside = path.join('/')
  return inside === 'c/v' || inside === 'c/is/t' || inside === 'c/is/r/t'
}

async function sharedStrings(
  zip: ZipReader,
  part: string | null,
  wanted: ReadonlySet<string>,
  bounds: Bounds,
): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  if (part === null || wanted.size === 0) return found
  const characters = new Allowance(bounds.characters, 'The workbook has more text than an import may have.')
  const path: string[] = []
  let number = -1
  let value: string[] = []
  await parsePart(
    zip,
    part,
    {
      open(name) {
        path.push(name)
        if (path.length === 2 && name === 'si') {
          number += 1
          value = []
        }
      },
      text(piece) {
        const inside = path.join('/')
        if ((inside !== 'sst/si/t' && inside !== 'sst/si/r/t') || !wanted.has(String(number))) return
        characters.take(piece.length)
        value.push(piece)
      },
      close() {
        if (path.length === 2 && wanted.has(String(number)))
          found.set(String(number), unescapedText(value.join('')))
        path.pop()
      },
    },
    () => found.size === wanted.size,
  )
  return found
}

/** The text that Excel shows for `_x0041_`, which it writes for characters that XML does not have. */
function unescapedText(text: string): string {
  if (!text.includes('_x')) return text
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_match, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
