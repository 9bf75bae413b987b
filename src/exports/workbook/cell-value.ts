/**
 * The value of a cell: text, a number (dates are Excel serial numbers, percentages 0 to 1), or null for an empty cell.
 */
export type CellValue = string | number | null

/** Values by token (without its group). */
export type RowValues = Readonly<Record<string, CellValue>>
