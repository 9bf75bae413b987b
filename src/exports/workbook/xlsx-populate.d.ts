// What the workbook uses of xlsx-populate 1.21 (the package has no types of its own).

declare module 'xlsx-populate' {
  export interface Cell {
    address(): string
    value(): unknown
  }

  export interface Range {
    value(): unknown[][]
  }

  export interface Column {
    hidden(hidden: boolean): Column
  }

  export interface Sheet {
    range(address: string): Range
    column(name: string): Column
    /** Cells whose text matches; with a replacement, the match is replaced in each of them. */
    find(pattern: RegExp, replacement?: (match: string, ...groups: string[]) => string): Cell[]
  }

  export interface Workbook {
    sheet(nameOrIndex: string | number): Sheet | undefined
    outputAsync(type: 'uint8array'): Promise<Uint8Array>
  }

  const XlsxPopulate: { fromDataAsync(data: ArrayBuffer | Uint8Array): Promise<Workbook> }
  export default XlsxPopulate
}

declare module '*.xlsx' {
  const bytes: ArrayBuffer
  export default bytes
}
