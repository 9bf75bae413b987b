/** The parts of the package that list its sheets, made from what xlsx-populate wrote for the template. Pure. */
import { sheetReference } from './names.ts'
import type { Relationship } from './sheet-template.ts'
import { escapeXml, escapeXstring, lawfulText } from './text.ts'

const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const RELATIONSHIPS = 'http://schemas.openxmlformats.org/package/2006/relationships'
const WORKSHEET_RELATIONSHIP = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet'

/** A sheet of the workbook, as its listing parts need it. */
export interface ListedSheet {
  name: string
  /** Name of its part. */
  part: string
  /** Position in the template of the sheet that it was made from, from 0, and that sheet's name. */
  place: number
  templateName: string
  /** Where a range of the template's sheet came to lie, and whether anything was written there. */
  moved: (range: string) => string
  isWritten: (range: string) => boolean
}

/**
 * workbook.xml: the list of sheets and the defined names. A name that belongs to a sheet of the template alone is defined
 * for each sheet that was made from it, unless none of its rows was written.
 */
export function workbookPart(xml: string, sheets: readonly ListedSheet[]): string {
  const listed = sheets.map(
    ({ name }, index) =>
      `<sheet name="${escapeXstring(name)}" sheetId="${index + 1}" r:id="rIdSheet${index + 1}"/>`,
  )
  const defined = [...xml.matchAll(/<definedName ([^>]*)>([^<]*)<\/definedName>/g)].flatMap(
    ([, attributes = '', formula = '']) => {
      const name = /\bname="([^"]*)"/.exec(attributes)?.[1] ?? ''
      const [, from = '', range = ''] = /^'?(.*?)'?!(.*)$/.exec(formula) ?? []
      const local = /\blocalSheetId="(\d+)"/.exec(attributes)?.[1]
      const refer = (sheet: ListedSheet): string =>
        escapeXstring(`${sheetReference(sheet.name)}!${sheet.moved(range)}`)
      if (local === undefined) {
        const sheet = sheets.find(({ templateName }) => templateName === from)
        return sheet === undefined ? [] : [{ name, attributes, formula: refer(sheet) }]
      }
      return sheets.flatMap((sheet, index) =>
        sheet.place === Number(local) && sheet.isWritten(range.replaceAll('$', ''))
          ? [
              {
                name,
                attributes: attributes.replace(/\blocalSheetId="\d+"/, `localSheetId="${index}"`),
                formula: refer(sheet),
              },
            ]
          : [],
      )
    },
  )
  const definedNames = defined
    .sort((one, other) => (one.name.toLowerCase() < other.name.toLowerCase() ? -1 : 1))
    .map(({ attributes, formula }) => `<definedName ${attributes}>${formula}</definedName>`)
  return xml
    .replace(/<sheets>.*<\/sheets>/s, () => `<sheets>${listed.join('')}</sheets>`)
    .replace(/<definedNames>.*<\/definedNames>/s, () =>
      definedNames.length > 0 ? `<definedNames>${definedNames.join('')}</definedNames>` : '',
    )
}

/** xl/_rels/workbook.xml.rels: the template's relationships, with the sheets of this workbook. */
export function workbookRelationships(xml: string, sheets: readonly ListedSheet[]): string {
  const added = sheets.map(
    ({ part }, index) =>
      `<Relationship Id="rIdSheet${index + 1}" Type="${WORKSHEET_RELATIONSHIP}" Target="${part.replace(/^xl\//, '')}"/>`,
  )
  return xml
    .replace(/<Relationship [^>]*\/relationships\/worksheet"[^>]*\/>/g, '')
    .replace('</Relationships>', `${added.join('')}</Relationships>`)
}

/**
 * [Content_Types].xml: the template's without the parts that this workbook lacks, and with those that it adds.
 * xlsx-populate does not list sheets that it adds, and strict readers refuse such files.
 */
export function contentTypesPart(
  xml: string,
  lacks: (part: string) => boolean,
  added: readonly { part: string; type: string }[],
): string {
  const overrides = added.map(({ part, type }) => `<Override PartName="/${part}" ContentType="${type}"/>`)
  return xml
    .replace(/<Override PartName="\/([^"]*)"[^>]*\/>/g, (whole, part: string) => (lacks(part) ? '' : whole))
    .replace('</Types>', `${overrides.join('')}</Types>`)
}

/** Reads a part of relationships. Targets may be relative to `folder`, the folder of the part that has them. */
export function readRelationships(xml: string, folder: string): Relationship[] {
  return [...xml.matchAll(/<Relationship ([^>]*)\/>/g)].map(([, attributes = '']) => {
    const value = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? ''
    const target = new URL(value('Target'), `https://package/${folder}`).pathname.slice(1)
    return { id: value('Id'), type: value('Type'), target }
  })
}

/** The part of relationships of a sheet. Targets are relative to its folder, since exceljs takes no others. */
export function sheetRelationships(relationships: readonly Relationship[]): string {
  const written = relationships.map(
    ({ id, type, target }) =>
      `<Relationship Id="${id}" Type="${type}" Target="${target.replace(/^xl\//, '../')}"/>`,
  )
  return `${DECLARATION}<Relationships xmlns="${RELATIONSHIPS}">${written.join('')}</Relationships>`
}

/** What the file's properties say of it. */
export interface Properties {
  title: string
  author: string
  /** Unix milliseconds. */
  createdAt: number
}

/** docProps/core.xml, written anew, so that it does not reveal who edited the template. */
export function corePropertiesPart({ title, author, createdAt }: Properties): string {
  const created = new Date(createdAt).toISOString().replace(/\.\d+Z$/, 'Z')
  return (
    `${DECLARATION}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"` +
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"' +
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
    `<dc:title>${escapeXml(lawfulText(title))}</dc:title><dc:creator>${escapeXml(lawfulText(author))}</dc:creator>` +
    `<dcterms:created xsi:type="dcterms:W3CDTF">${created}</dcterms:created></cp:coreProperties>`
  )
}

/** docProps/app.xml, written anew, because the template's lists the sheets of the template. */
export function appPropertiesPart(): string {
  return (
    `${DECLARATION}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">` +
    '<Application>Microsoft Excel</Application></Properties>'
  )
}
