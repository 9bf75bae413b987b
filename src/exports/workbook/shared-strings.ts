import { cellText, escapeLookalikes, escapeXml } from './text.ts'
import type { ZipPart } from './zip.ts'

const SPREADSHEET = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
// Longer texts hardly ever repeat, and remembering them would keep every note in memory.
const REMEMBERED_LENGTH = 64
const WORTH_WRITING = 16_384

/**
 * The workbook's table of strings, written while cells refer to it. Cells use it rather than inline strings,
 * because exceljs and openpyxl undo the `_x005F_` escape only here.
 */
export interface SharedStrings {
  /** The index of a text of the user's. */
  index(text: string): number
  /** The index of an entry of the template's own table, given as the XML inside `<si>`. */
  indexOfXml(xml: string): number
  /** Hands what has gathered to the part, once it is worth it; call it between rows. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** A text of the user's as an entry: the XML inside `<si>`. */
export function entryOf(text: string): string {
  return `<t xml:space="preserve">${escapeXml(escapeLookalikes(cellText(text)))}</t>`
}

/** Begins the table in an open part of the package. */
export function createSharedStrings(part: ZipPart): SharedStrings {
  const known = new Map<string, number>()
  let next = 0
  let pending = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<sst xmlns="${SPREADSHEET}">`
  const indexOfXml = (xml: string): number => {
    const index = known.get(xml)
    if (index !== undefined) return index
    if (xml.length <= REMEMBERED_LENGTH * 2) known.set(xml, next)
    pending += `<si>${xml}</si>`
    return next++
  }
  return {
    index: (text) => indexOfXml(entryOf(text)),
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
