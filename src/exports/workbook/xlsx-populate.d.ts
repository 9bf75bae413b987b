// Types for the part of xlsx-populate 1.21 that is used here; the package has none of its own.

declare module 'xlsx-populate' {
  export interface Cell {
    address(): string
    value(): unknown
  }

  export interface Column {
    hidden(hidden: boolean): Column
  }

  export interface Sheet {
    name(): string
    column(name: string): Column
    /** The cells whose text matches. With a replacement, the matches in those cells are replaced. */
    find(pattern: RegExp, replacement?: (match: string, ...groups: string[]) => string): Cell[]
  }

  export interface Workbook {
    sheets(): Sheet[]
    outputAsync(type: 'uint8array'): Promise<Uint8Array>
  }

  const XlsxPopulate: { fromDataAsync(data: ArrayBuffer | Uint8Array): Promise<Workbook> }
  export default XlsxPopulate
}

declare module '*.xlsx' {
  const bytes: ArrayBuffer
  export default bytes
}
