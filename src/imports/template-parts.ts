/** The parts of the template that are the same whatever it lists, and the form of its cells. Pure. */
import type { SharedStrings } from '../exports/workbook/shared-strings.ts'
import { cellName } from './workbook/sheet-reader.ts'

const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

/** Numbers of the formats in `stylesPart`. */
export const STYLE = { plain: 0, header: 1, quiet: 2, date: 3, example: 4, wrapped: 5, title: 6 } as const

/** A cell with a text. */
export function textCell(
  strings: SharedStrings,
  column: number,
  row: number,
  text: string,
  style: number,
): string {
  return `<c r="${cellName(column, row)}" s="${style}" t="s"><v>${strings.index(text)}</v></c>`
}

/** The XML of a sheet from what stands in it. */
export function sheetPart(content: string): string {
  return `${DECLARATION}<worksheet xmlns="${MAIN}">${content}</worksheet>`
}

/** @param accent `#rrggbb`, the colour of headers */
export function stylesPart(accent: string): string {
  const solid = (color: string) =>
    `<fill><patternFill patternType="solid"><fgColor rgb="FF${color}"/><bgColor indexed="64"/></patternFill></fill>`
  const font = (more: string, color = '') =>
    `<font>${more}<sz val="11"/>${color}<name val="Calibri"/><family val="2"/></font>`
  const xf = (fontId: number, fillId: number, more = '') =>
    `<xf numFmtId="${more.includes('date') ? 14 : 0}" fontId="${fontId}" fillId="${fillId}" borderId="0" xfId="0" applyFont="1" applyFill="1" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top"${more.includes('wrap') ? ' wrapText="1"' : ''}/></xf>`
  const white = '<color rgb="FFFFFFFF"/>'
  const grey = '<color rgb="FF6B7280"/>'
  const fonts = [font(''), font('<b/>', white), font('', grey), font('<i/>', grey), font('<b/>')]
  const fills = [
    '<fill><patternFill/></fill>',
    '<fill><patternFill patternType="gray125"/></fill>',
    solid(accent.slice(1).toUpperCase()),
    solid('E5E7EB'),
  ]
  const formats = [
    xf(0, 0),
    xf(1, 2),
    xf(2, 3),
    xf(0, 0, 'date'),
    xf(3, 0, 'wrap'),
    xf(0, 0, 'wrap'),
    xf(4, 0),
  ]
  return `${DECLARATION}<styleSheet xmlns="${MAIN}"><fonts count="${fonts.length}">${fonts.join('')}</fonts><fills count="${fills.length}">${fills.join('')}</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="${formats.length}">${formats.join('')}</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
}

/** The parts that list the sheets, by name. `defined` are the names of ranges with what they stand for. */
export function listingParts(
  sheets: readonly string[],
  defined: readonly (readonly [string, string])[],
): [string, string][] {
  const override = (part: string, type: string) =>
    `<Override PartName="/xl/${part}" ContentType="${TYPE}.${type}+xml"/>`
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${RELATIONS}/${type}" Target="${target}"/>`
  const files = sheets.map((_, index) => `worksheets/sheet${index + 1}.xml`)
  const relations = (content: string) =>
    `${DECLARATION}<Relationships xmlns="${PACKAGE}/relationships">${content}</Relationships>`
  return [
    [
      '[Content_Types].xml',
      `${DECLARATION}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${override('workbook.xml', 'sheet.main')}${files.map((file) => override(file, 'worksheet')).join('')}${override('styles.xml', 'styles')}${override('sharedStrings.xml', 'sharedStrings')}</Types>`,
    ],
    ['_rels/.rels', relations(relation('rId1', 'officeDocument', 'xl/workbook.xml'))],
    [
      'xl/workbook.xml',
      `${DECLARATION}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${sheets.map((name, index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`).join('')}</sheets><definedNames>${defined.map(([name, range]) => `<definedName name="${name}">${range}</definedName>`).join('')}</definedNames></workbook>`,
    ],
    [
      'xl/_rels/workbook.xml.rels',
      relations(
        [
          ...files.map((file, index) => relation(`rId${index + 1}`, 'worksheet', file)),
          relation(`rId${files.length + 1}`, 'styles', 'styles.xml'),
          relation(`rId${files.length + 2}`, 'sharedStrings', 'sharedStrings.xml'),
        ].join(''),
      ),
    ],
  ]
}
