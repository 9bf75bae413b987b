/** Names of sheets within the rules of Excel. Pure. */
import { cutAtWord, escapeLookalikes, lawfulText } from './text.ts'

/** The longest name of a sheet that Excel allows, in UTF-16 units. */
export const MAX_SHEET_NAME = 31

/** A name is cut after a word if at least so much of it stays; a shorter one would say too little. */
const LEAST_NAME = 20

// Characters that Excel refuses in the name of a sheet, their full-width twins (refused by East Asian editions) and
// control characters.
const UNLAWFUL = /(?:\s*[[\]:*?/\\［］：＊？／＼\p{Cc}\u2028\u2029])+\s*/gu

/**
 * The name of an action's sheet, `<n>. <title>`, cut to Excel's rules, after a word if enough of it stays. Names begin with
 * `position` (1-based, in the whole plan), so they are unique, and none begins with an apostrophe or equals `History`,
 * `Summary` or `Resumen`. The limit holds for the name as it is escaped in the file, since strict readers count so.
 */
export function actionSheetName(position: number, title: string): string {
  const name = `${position}. ${lawfulText(title)}`.replace(UNLAWFUL, ' ')
  for (let units = MAX_SHEET_NAME; ; units -= 1) {
    const cut = cutAtWord(name, units, LEAST_NAME).replace(/['\s]+$/, '')
    if (escapeLookalikes(cut).length <= MAX_SHEET_NAME) return cut
  }
}

/** The name of a sheet as used in references: always quoted, apostrophes doubled. */
export function sheetReference(name: string): string {
  return `'${name.replaceAll("'", "''")}'`
}
