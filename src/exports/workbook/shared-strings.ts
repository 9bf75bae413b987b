/** The part xl/sharedStrings.xml: the table of the workbook's strings. */
import { cellText, escapeXstring } from './text.ts'
import type { ZipPart } from './zip.ts'

const SPREADSHEET = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
// Texts longer than this are not reused: they rarely repeat, and remembering them would keep every note in memory.
const REMEMBERED_LENGTH = 64
const WORTH_WRITING = 16_384

/**
 * The workbook's table of strings, written while cells refer to it. Cells do not use inline strings, because exceljs
 * and openpyxl decode the escape `_x005F_` only in this table.
 */
export interface SharedStrings {
  /** The index of a text from data. */
  index(text: string): number
  /** The index of an entry of the template's table, given as the XML inside `<si>`. */
  indexOfXml(xml: string): number
  /** Writes the collected entries to the part once there are enough; to be called between rows. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** The entry for a text from data: the XML inside `<si>`. */
function entryOf(text: string): string {
  return `<t xml:space="preserve">${escapeXstring(cellText(text))}</t>`
}

/** Begins the table of strings in an open part of the package. */
export function createSharedStrings(part: ZipPart): SharedStrings {
  const known = new Map<string, number>()
  const knownTexts = new Map<string, number>()
  let next = 0
  let pending = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<sst xmlns="${SPREADSHEET}">`
  const indexOfXml = (xml: string): number => {
    const index = known.get(xml)
    if (index !== undefined) return index
    known.set(xml, next)
    pending += `<si>${xml}</si>`
    return next++
  }
  return {
    index(text) {
      const index = knownTexts.get(text)
      if (index !== undefined) return index
      pending += `<si>${entryOf(text)}</si>`
      if (text.length <= REMEMBERED_LENGTH) knownTexts.set(text, next)
      return next++
    },
    indexOfXml,
    async flush() {
      if (pending.length < WORTH_WRITING) return
      const gathered = pending
      pending = ''
      await part.write(gathered)
    },
    async close() {
      await part.write(`${pending}</sst>`)
      await part.close()
    },
  }
}
