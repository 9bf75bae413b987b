/** Excel tables (`xl/tables/tableN.xml`), whose range grows with the rows that were written. Pure. */

/** The type of a table's relationship and of its part. */
export const TABLE_RELATIONSHIP = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/table'
export const TABLE_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml'

/** Name of the part of a table. Its number is unique in the workbook, as Excel wants its id to be. */
export function tablePart(number: number): string {
  return `xl/tables/table${number}.xml`
}

/** The range that the template gives a table, such as `B14:O15`: its header and the patterns of its rows. */
export function tableRange(xml: string): string {
  return /<table [^>]*?\bref="([^"]*)"/.exec(xml)?.[1] ?? ''
}

/** The rows of a table's range without its header. */
export function tableBody(range: string): string {
  return range.replace(/^([A-Z]+)(\d+)/, (_, column: string, row: string) => `${column}${Number(row) + 1}`)
}

/** A table of the template with its number in the workbook and its range on the written sheet. */
export function fillTable(xml: string, number: number, move: (range: string) => string): string {
  return xml
    .replace(/(<table [^>]*?\bid=")\d+/, `$1${number}`)
    .replace(
      /(<(?:table|autoFilter) [^>]*?\bref=")([^"]*)/g,
      (_, before: string, range: string) => before + move(range),
    )
}
