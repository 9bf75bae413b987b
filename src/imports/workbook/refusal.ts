/** What a file may hold, and the error of one that is not read. Pure. */

/** Bounds on what is read of a workbook, whatever its own numbers claim. */
export interface Bounds {
  /** Bytes that its parts may inflate to, all that are read together. */
  inflated: number
  /** Rows of the sheet, empty ones included. */
  rows: number
  /** Cells of the sheet that have a value. */
  cells: number
  /** UTF-16 units of all texts, each counted as often as a cell shows it. */
  characters: number
  /** What to do with a sheet that has more rows or cells. */
  advice: string
}

/**
 * The file is no workbook, or not one that may be read. The message says why, and where; it quotes nothing but names of
 * parts and addresses of cells.
 */
export class FileRefused extends Error {}

/** Counts down from a bound and throws `FileRefused` beyond it. */
export class Allowance {
  readonly #complaint: string
  #left: number

  constructor(most: number, complaint: string) {
    this.#left = most
    this.#complaint = complaint
  }

  take(amount: number): void {
    this.#left -= amount
    if (this.#left < 0) throw new FileRefused(this.#complaint)
  }
}
