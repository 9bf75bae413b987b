/** The limits of Excel's own specification, which the workbooks are held to. */
export const LONGEST_TEXT = 32_767
export const LONGEST_SHEET_NAME = 31
/** In points. */
export const TALLEST_ROW = 409
