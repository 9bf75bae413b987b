/** Splits a sheet of the template into rows that serve as patterns, and the XML around them. Pure. */
import { type BoxOf, readBoxes, type TextBox } from './layout.ts'
import { areaOf } from './ranges.ts'
import { tableRange } from './table.ts'

// Regular expressions are enough to read this XML, because xlsx-populate has just written it: no white space between
// elements, attributes in double quotes, every `<` and `>` in text or attributes escaped.

/** A cell of the template: a constant, or a place for a value. */
export interface TemplateCell {
  column: string
  /** The attribute ` s="12"`; empty for the default style. */
  style: string
  /** The token without its group, such as `title`; the key of the value to fill in. null for a constant cell. */
  token: string | null
  /** The constant: an entry of the table of strings (the XML inside `<si>`), or a number. */
  constant: { string: string } | { number: string } | null
  /** The size of the cell if it wraps its text, else null. */
  box: TextBox | null
}

/** A row of the template. A row with a group is the pattern for any number of rows of the workbook. */
export interface TemplateRow {
  number: number
  /** The group in the row's tokens: `action` for `{{action.title}}`. Empty for a row that is written once. */
  group: string
  /** The row's attributes besides number and height. */
  attributes: string
  /** Height in points; null if the template leaves it to Excel. */
  height: number | null
  cells: readonly TemplateCell[]
  /** Merged cells within the row, as pairs of columns. */
  merges: readonly (readonly [string, string])[]
  /** Links in the row: column and target in the template. */
  links: readonly { column: string; location: string }[]
}

/** A sheet of the template, split into its rows and the XML around them. */
export interface TemplateSheet {
  /** The sheet's name in the template. */
  name: string
  /** The XML before the rows. */
  head: string
  /** All rows from 1 to the last, without gaps. */
  rows: readonly TemplateRow[]
  /** The XML after the rows. `TAIL_MERGES` and `TAIL_LINKS` stand in place of merges and links. */
  tail: string
  /** Merged cells that span several rows. */
  merges: readonly string[]
  /** What the sheet's drawing and tables are related by, from its part of relationships. */
  relationships: readonly Relationship[]
  /** Excel tables of the sheet, by the id of their relationship; the XML of their parts. */
  tables: ReadonlyMap<string, string>
  /** Ranges of this sheet that charts show, such as `D6:D10`. */
  charted: readonly string[]
}

/** A relationship of a sheet: `target` is the name of the part, such as `xl/drawings/drawing1.xml`. */
export interface Relationship {
  id: string
  type: string
  target: string
}

/** The parts of a template's sheet, as xlsx-populate wrote them. */
export interface SheetParts extends Pick<TemplateSheet, 'name' | 'relationships' | 'tables' | 'charted'> {
  xml: string
  /** Cell address → token, for the cells that are still to be filled. */
  tokens: ReadonlyMap<string, string>
}

export const TAIL_MERGES = '<mergeCells/>'
export const TAIL_LINKS = '<hyperlinks/>'

/**
 * Splits a sheet of the template into rows and cells.
 * @param styles the workbook's styles, as xlsx-populate wrote them
 * @param strings the entries of the template's table of strings
 */
export function takeApart(parts: SheetParts, styles: string, strings: readonly string[]): TemplateSheet {
  const { xml, tokens, ...own } = parts
  const boxOf = readBoxes(styles, xml)
  const start = xml.indexOf('<sheetData>') + '<sheetData>'.length
  const end = xml.indexOf('</sheetData>')
  const after = xml.slice(end)
  const merges = [...after.matchAll(/<mergeCell ref="([^"]*)"\/>/g)].map((match) => match[1] ?? '')
  const links = [...after.matchAll(/<hyperlink ref="([^"]*)" location="([^"]*)"/g)].map((match) => ({
    address: match[1] ?? '',
    location: match[2] ?? '',
  }))
  const inRow = merges.flatMap((merge) => {
    const [, from, row, to] = /^([A-Z]+)(\d+):([A-Z]+)\2$/.exec(merge) ?? []
    return from && row && to ? [{ row: Number(row), from, to, merge }] : []
  })

  const rows: TemplateRow[] = []
  for (const [, attributes = '', cellsXml = ''] of xml
    .slice(start, end)
    .matchAll(/<row ([^>]*?)(?:\/>|>(.*?)<\/row>)/gs)) {
    const number = Number(attribute(attributes, 'r'))
    while (rows.length + 1 < number) rows.push(emptyRow(rows.length + 1))
    const rowMerges = inRow.filter((merge) => merge.row === number)
    const height = attribute(attributes, 'ht')
    const cells = [...cellsXml.matchAll(/<c ([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)].map(
      ([, cell = '', content = '']) => readCell(cell, content, boxOf, tokens, strings, rowMerges),
    )
    rows.push({
      number,
      group: groupOf(cells.map((cell) => tokens.get(`${cell.column}${number}`))),
      attributes: attributes.replace(/\b(?:r|ht)="[^"]*" ?/g, '').trim(),
      height: height === undefined ? null : Number(height),
      cells,
      merges: rowMerges.map(({ from, to }) => [from, to]),
      links: links.flatMap(({ address, location }) => {
        const [, column, row] = /^([A-Z]+)(\d+)$/.exec(address) ?? []
        return column && Number(row) === number ? [{ column, location }] : []
      }),
    })
  }
  return {
    ...own,
    // Excel notes the extent of the cells, which becomes another.
    head: xml.slice(0, start).replace(/<dimension [^>]*\/>/, ''),
    rows,
    tail: after
      .replace(/<mergeCells.*<\/mergeCells>/s, TAIL_MERGES)
      .replace(/<hyperlinks>.*<\/hyperlinks>/s, TAIL_LINKS),
    merges: merges.filter((merge) => !inRow.some((each) => each.merge === merge)),
  }
}

/** The numbers of the rows that are the headers of the sheet's Excel tables. */
export function tableHeaders(sheet: TemplateSheet): number[] {
  return [...sheet.tables.values()].map((table) => areaOf(tableRange(table))?.top ?? 0)
}

/** The rows of a sheet's group, in order. */
export function rowsOfGroup(sheet: TemplateSheet, group: string): readonly TemplateRow[] {
  return sheet.rows.filter((row) => row.group === group)
}

/** The style of the cell with this token, as a cell's attribute. Throws if the sheet lacks the token. */
export function styleOf(sheet: TemplateSheet, group: string, token: string): string {
  const cell = rowsOfGroup(sheet, group)
    .flatMap((row) => row.cells)
    .find((each) => each.token === token)
  if (cell === undefined) throw new Error(`the template's sheet ${sheet.name} lacks {{${group}.${token}}}`)
  return cell.style
}

function readCell(
  own: string,
  content: string,
  boxOf: BoxOf,
  tokens: ReadonlyMap<string, string>,
  strings: readonly string[],
  merges: readonly { from: string; to: string }[],
): TemplateCell {
  const address = attribute(own, 'r') ?? ''
  const column = address.replace(/\d+$/, '')
  const style = attribute(own, 's')
  const token = tokens.get(address)
  const value = /<v>(.*?)<\/v>/s.exec(content)?.[1]
  const shared = attribute(own, 't') === 's'
  return {
    column,
    style: style === undefined ? '' : ` s="${style}"`,
    token: token === undefined ? null : token.slice(token.indexOf('.') + 1),
    constant:
      token !== undefined || value === undefined
        ? null
        : shared
          ? { string: strings[Number(value)] ?? '' }
          : { number: value },
    box:
      token === undefined
        ? null
        : boxOf(Number(style ?? 0), column, merges.find(({ from }) => from === column)?.to ?? column),
  }
}

function emptyRow(number: number): TemplateRow {
  return { number, group: '', attributes: '', height: null, cells: [], merges: [], links: [] }
}

function groupOf(tokens: readonly (string | undefined)[]): string {
  const dotted = tokens.find((token) => token?.includes('.'))
  return dotted?.slice(0, dotted.indexOf('.')) ?? ''
}

function attribute(attributes: string, name: keyof typeof ATTRIBUTES): string | undefined {
  return ATTRIBUTES[name].exec(attributes)?.[1]
}

const ATTRIBUTES = {
  r: /(?:^| )r="([^"]*)"/,
  s: /(?:^| )s="([^"]*)"/,
  t: /(?:^| )t="([^"]*)"/,
  ht: /(?:^| )ht="([^"]*)"/,
}
