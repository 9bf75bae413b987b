/** Texts within the rules of XML and Excel. Pure. */

/** The longest text that Excel allows in a cell, in UTF-16 units. */
export const MAX_CELL_TEXT = 32_767

// The characters that XML 1.0 forbids: control characters except tab, LF and CR, lone surrogates, U+FFFE and U+FFFF.

const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Surrogate}]/gu
// An underscore that readers would take for the start of an escape such as `_x0041_`.
const ESCAPE_LOOKALIKE = /_(?=x[0-9a-f]{4}_)/gi

/** The text without characters that XML 1.0 forbids. CRLF and CR become LF, as XML parsers read them. */
export function lawfulText(text: string): string {
  return text.replace(FORBIDDEN, '').replace(/\r\n?/g, '\n')
}

/** The text as a cell shows it: without forbidden characters, and cut with an ellipsis at Excel's limit. */
export function cellText(text: string): string {
  const lawful = lawfulText(text)
  return lawful.length <= MAX_CELL_TEXT ? lawful : `${cutText(lawful, MAX_CELL_TEXT - 1)}…`
}

/** The first `units` UTF-16 units of the text; one less if the cut would split a surrogate pair. */
export function cutText(text: string, units: number): string {
  if (text.length <= units) return text
  const last = text.charCodeAt(units - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? units - 1 : units)
}

/**
 * The text with at most `units` UTF-16 units: cut after a word, with an ellipsis. A word that fills more than half of
 * the space is cut within.
 */
export function shortText(text: string, units: number): string {
  return text.length <= units ? text : `${cutAtWord(text, units - 1)}…`
}

/**
 * The first `units` UTF-16 units of the text without a last word that is cut, if that leaves more than `least` of them;
 * by default half.
 */
export function cutAtWord(text: string, units: number, least = units / 2): string {
  const cut = cutText(text, units)
  if (cut.length === text.length || /\s/.test(text.charAt(cut.length))) return cut.trimEnd()
  const space = cut.search(/\s\S*$/)
  return (space > least ? cut.slice(0, space) : cut).trimEnd()
}

/** The longest text at the left of a footer before it meets the middle one on a portrait page. */
const FOOTER_UNITS = 45

/** The text for a header or footer, escaped for XML: on one line, with `&`, which begins a format there, doubled. */
export function footerText(text: string): string {
  const line = lawfulText(text).replace(/\s+/g, ' ').trim()
  return escapeXml(shortText(line, FOOTER_UNITS).replaceAll('&', '&&'))
}

/**
 * Escapes a literal `_x0041_` as `_x005F_x0041_`, as Excel does; readers would decode it as `A`. Excel, LibreOffice,
 * openpyxl, SheetJS and exceljs undo this escape; exceljs and openpyxl only in shared strings.
 */
export function escapeLookalikes(text: string): string {
  return text.includes('_') ? text.replace(ESCAPE_LOOKALIKE, '_x005F_') : text
}

/** The text escaped for XML content or an attribute of the type ST_Xstring: cells, names of sheets, targets of links. */
export function escapeXstring(text: string): string {
  return escapeXml(escapeLookalikes(text))
}

/** The text escaped for XML content or for an attribute in double quotes. */
export function escapeXml(text: string): string {
  if (!/[&<>"]/.test(text)) return text
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
}
