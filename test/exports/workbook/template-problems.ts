/** What a designer may have put into a template that the workbook would lose without a word. */
import { areaOf, columnName } from '../../../src/exports/workbook/ranges.ts'
import { readParts } from './read-back.ts'
import { elementsNamed, parseXml, textOf, type XmlElement } from './xml-tree.ts'

const PARTS =
  /^(?:\[Content_Types\]\.xml|_rels\/\.rels|docProps\/\w+\.xml|xl\/(?:workbook|styles|sharedStrings)\.xml|xl\/_rels\/workbook\.xml\.rels|xl\/theme\/theme1\.xml|xl\/(?:worksheets|drawings|charts|tables|media)\/.+)$/
const ELEMENTS =
  'sheetPr dimension sheetViews sheetFormatPr cols sheetData mergeCells conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup headerFooter drawing tableParts extLst'
const CONDITIONAL_FORMATS = '{78C0D931-6437-407D-A8EE-F0AAD7539E65}'
const REFERENCE = /\$?\b[A-Z]{1,3}\$?\d+\b/
const TOKEN = /^\{\{[\w.]+\}\}$/
const LABELS = /\{\{label\.[\w.]+\}\}/g

/** A sheet of the template, parsed. */
interface Sheet {
  name: string
  xml: XmlElement
  relationships: XmlElement[]
  /** The text of a cell by its address. */
  texts: ReadonlyMap<string, string>
}

/**
 * Everything in a template that would be lost or wrong in a workbook, each with its sheet and cell.
 * @param repeated names of sheets that are written any number of times
 */
export async function templateProblems(file: Uint8Array, repeated: readonly string[]): Promise<string[]> {
  const parts = await readParts(file)
  const part = (name: string): XmlElement => parseXml(parts.get(name) ?? '<none/>')
  const workbook = part('xl/workbook.xml')
  const strings = [...elementsNamed(part('xl/sharedStrings.xml'), 'si')]
  const targets = new Map(
    [...elementsNamed(part('xl/_rels/workbook.xml.rels'), 'Relationship')].map(({ attributes }) => [
      attributes.Id,
      `xl/${attributes.Target}`,
    ]),
  )
  const problems = [...parts.keys()]
    .filter((name) => !PARTS.test(name) && !name.endsWith('/'))
    .map((name) => `${name}: a part that the workbook would lose`)
  for (const { attributes } of elementsNamed(workbook, 'sheet')) {
    const name = attributes.name ?? ''
    const path = targets.get(attributes['r:id']) ?? ''
    const xml = part(path)
    const relationships = [...elementsNamed(part(path.replace(/([^/]*)$/, '_rels/$1.rels')), 'Relationship')]
    const sheet = { name, xml, relationships, texts: textsOf(xml, strings) }
    const tables = relationships
      .filter((each) => each.attributes.Type?.endsWith('/table'))
      .map((each) => part(`xl/${each.attributes.Target?.replace('../', '')}`))
    const found = [
      ...elementProblems(sheet),
      ...cellProblems(sheet, strings),
      ...tokenProblems(sheet),
      ...formatProblems(sheet),
      ...relationshipProblems(sheet, repeated.includes(name)),
      ...tables.flatMap((table) => [...tableProblems(sheet, table)]),
    ]
    problems.push(...found.map((problem) => `${name}!${problem}`))
  }
  for (const element of elementsNamed(workbook, 'definedName'))
    if (!/^(?:'[^']*'|\w+)!\$(?:[A-Z]+\$)?\d+(?::\$(?:[A-Z]+\$)?\d+)?$/.test(element.text))
      problems.push(`name ${element.attributes.name}: ${element.text} is no single range`)
  return problems
}

function textsOf(xml: XmlElement, strings: readonly XmlElement[]): Map<string, string> {
  const texts = new Map<string, string>()
  for (const { attributes, children } of elementsNamed(xml, 'c'))
    if (attributes.t === 's') {
      const index = Number(children.find(({ name }) => name === 'v')?.text)
      const entry = strings[index]
      texts.set(attributes.r ?? '', entry === undefined ? '' : textOf(entry))
    }
  return texts
}

function* elementProblems({ xml }: Sheet): Generator<string> {
  for (const { name, attributes } of xml.children) {
    if (name === 'autoFilter') yield `${attributes.ref}: a filter of the sheet; an Excel table has its own`
    else if (!ELEMENTS.split(' ').includes(name)) yield `A1: <${name}>, which does not move with the rows`
    if (name === 'pageSetup' && attributes['r:id'] !== undefined)
      yield 'A1: settings of a printer, which the workbook would lose'
  }
  for (const { attributes } of elementsNamed(xml, 'ext'))
    if (attributes.uri?.startsWith('{') && !isKnownExtension(attributes.uri))
      yield `A1: the extension ${attributes.uri}, which does not move with the rows`
}

function isKnownExtension(uri: string): boolean {
  // The second is in a rule and names its other half in the first.
  return [CONDITIONAL_FORMATS, '{B025F937-C7B1-47D3-B67F-A62EFF666E3E}'].includes(uri.toUpperCase())
}

function* cellProblems({ xml }: Sheet, strings: readonly XmlElement[]): Generator<string> {
  for (const { attributes, children } of elementsNamed(xml, 'c')) {
    const { r = '', t = 'n' } = attributes
    if (children.some(({ name }) => name === 'f')) yield `${r}: a formula, which the workbook would lose`
    if (t === 'inlineStr') yield `${r}: an inline string; save the file with Excel`
    else if (!['n', 's'].includes(t)) yield `${r}: a cell of type ${t}, which the workbook would lose`
    const entry = strings[Number(children.find(({ name }) => name === 'v')?.text)]
    if (t === 's' && entry?.children.some(({ name }) => name === 'r') && textOf(entry).includes('{{'))
      yield `${r}: a token in several formats; give the cell one`
  }
}

function* tokenProblems({ xml, texts }: Sheet): Generator<string> {
  const groups = new Map<number, string>()
  for (const [address, text] of texts) {
    const own = text.replace(LABELS, '')
    if (!own.includes('{{')) continue
    if (!TOKEN.test(own)) yield `${address}: ${text} is more than one token`
    const group = /^\{\{(\w+)\./.exec(own)?.[1] ?? ''
    const row = areaOf(address)?.top ?? 0
    const other = groups.get(row)
    if (other !== undefined && other !== group)
      yield `${address}: ${own} in a row of the group ${other || 'none'}`
    groups.set(row, group)
  }
  for (const { attributes } of elementsNamed(xml, 'mergeCell')) {
    const area = areaOf(attributes.ref ?? '')
    if (area === null || area.top === area.bottom) continue
    for (let row = area.top; row <= area.bottom; row++)
      if (groups.get(row)) yield `${attributes.ref}: merged rows, of which row ${row} is a pattern`
  }
}

function* formatProblems({ xml }: Sheet): Generator<string> {
  const formats = [
    ...elementsNamed(xml, 'conditionalFormatting'),
    ...elementsNamed(xml, 'x14:conditionalFormatting'),
    ...elementsNamed(xml, 'dataValidation'),
  ]
  for (const format of formats) {
    const [range] = [...elementsNamed(format, 'xm:sqref')].map(textOf)
    for (const name of ['formula', 'formula1', 'formula2', 'xm:f'])
      for (const { text } of elementsNamed(format, name)) {
        const reference = REFERENCE.exec(text.replace(/"[^"]*"/g, '').replace(/\w+![$\w:]+/g, ''))?.[0]
        if (reference !== undefined)
          yield `${format.attributes.sqref ?? range}: a format that refers to ${reference}, which may move`
      }
  }
}

function* relationshipProblems({ xml, relationships }: Sheet, isRepeated: boolean): Generator<string> {
  for (const { attributes } of elementsNamed(xml, 'hyperlink'))
    if (attributes.location === undefined) yield `${attributes.ref}: a link out of the workbook`
  for (const { attributes } of relationships) {
    const type = attributes.Type?.replace(/.*\//, '') ?? ''
    if (type === 'hyperlink') continue
    if (!['drawing', 'table'].includes(type))
      yield `A1: a relationship to ${type}, which the workbook would lose`
    else if (isRepeated) yield `A1: a ${type} on a sheet that is written many times, which cannot be copied`
  }
}

function* tableProblems({ texts }: Sheet, table: XmlElement): Generator<string, undefined> {
  const { ref = '', displayName = '', totalsRowCount = '0' } = table.attributes
  const area = areaOf(ref)
  if (area === null || area.top === area.bottom) {
    yield `${ref}: the table ${displayName} has no row`
    return undefined
  }
  if (totalsRowCount !== '0') yield `${ref}: a row of totals, which the workbook would lose`
  for (const name of ['calculatedColumnFormula', 'totalsRowFormula'])
    for (const _ of elementsNamed(table, name)) yield `${ref}: a formula, which the workbook would lose`
  const names = [...elementsNamed(table, 'tableColumn')].map(({ attributes }) => attributes.name ?? '')
  if (new Set(names.map((name) => name.toLowerCase())).size < names.length)
    yield `${ref}: two columns of one name`
  for (const [index, name] of names.entries()) {
    const address = `${columnName(area.left + index)}${area.top}`
    if (texts.get(address) !== name) yield `${address}: the header is not the column's name ${name}`
  }
  for (let row = area.top + 1; row <= area.bottom; row++) {
    const address = `${columnName(area.left)}${row}`
    if (!/^\{\{\w+\./.test(texts.get(address) ?? '')) yield `${address}: a row of a table that is no pattern`
  }
  return undefined
}
