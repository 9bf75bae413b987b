/** Errors of an import, of which a bounded number is kept and none is left out in silence. Pure. */

/** Where in the file something stands. */
export type Place = { sheet: string; cell: string } | { line: number }

export type ImportError = Place & { message: string }

/** An error, or one that stands for several. */
interface Entry {
  error: ImportError
  count: number
}

export class ErrorList {
  readonly #most: number
  readonly #kept: Entry[] = []
  /** How many errors there are in all, and how many of them are not kept. */
  #total = 0
  #left = 0
  /** Whether there may be more than was counted. */
  #isOpen = false

  /** @param most how many are kept */
  constructor(most: number) {
    this.#most = most
  }

  get isEmpty(): boolean {
    return this.#kept.length === 0
  }

  get total(): number {
    return this.#total
  }

  add(...errors: readonly ImportError[]): void {
    for (const error of errors) this.#take({ error, count: 1 })
  }

  addAll(other: ErrorList): void {
    for (const entry of other.#entries()) this.#take(entry)
    this.#isOpen ||= other.#isOpen && this.#left > 0
  }

  /** Says that there may be more errors than were counted. */
  leaveOpen(): void {
    this.#isOpen = true
  }

  /** The errors; if there are too many, the last one says how many more there are. */
  listed(): ImportError[] {
    return this.#entries().map(({ error }) => error)
  }

  #take(entry: Entry): void {
    this.#total += entry.count
    if (this.#kept.length < this.#most) this.#kept.push(entry)
    else this.#left += entry.count
  }

  #entries(): readonly Entry[] {
    const last = this.#kept.at(-1)
    if (last === undefined || this.#left === 0) return this.#kept
    const count = this.#left + last.count
    const message = `and ${this.#isOpen ? 'at least ' : ''}${count.toLocaleString('en')} more errors from here on`
    return [...this.#kept.slice(0, -1), { error: { ...last.error, message }, count }]
  }
}
