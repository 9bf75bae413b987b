import { cutText, lawfulText } from './text.ts'

/** Excel's limit for a sheet's name, in UTF-16 units. */
export const MAX_SHEET_NAME = 31

// What Excel refuses in a sheet's name, their full-width twins (refused by East Asian editions) and control characters.
const UNLAWFUL = /(?:\s*[[\]:*?/\\［］：＊？／＼\p{Cc}\u2028\u2029])+\s*/gu
// A sheet's name is an escaped string too: `_x002F_` would be read as a slash and break the file.
const ESCAPE_LOOKALIKE = /_(?=x[0-9a-f]{4}_)/gi

/**
 * The name of an action's sheet, `<n>. <title>`, cut to Excel's rules.
 * `position` (1-based, in the whole plan) begins the name, so no two are alike, none begins with an apostrophe
 * and none is `History`, `Summary` or `Resumen`.
 */
export function actionSheetName(position: number, title: string): string {
  const name = `${position}. ${lawfulText(title)}`.replace(UNLAWFUL, ' ').replace(ESCAPE_LOOKALIKE, '-')
  return cutText(name, MAX_SHEET_NAME).replace(/['\s]+$/, '')
}

/** A sheet's name as references write it: always quoted, apostrophes doubled. */
export function sheetReference(name: string): string {
  return `'${name.replaceAll("'", "''")}'`
}
