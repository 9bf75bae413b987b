/** The parts of the package that list its sheets, made from what xlsx-populate wrote for the template's two sheets. */
import type { WorkbookContent } from './content.ts'
import { sheetReference } from './names.ts'
import { sheetPart, type Template, TEMPLATE_ACTION, TEMPLATE_SUMMARY } from './template.ts'
import { escapeXml, lawfulText } from './text.ts'
import type { ZipWriter } from './zip.ts'

const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const WORKSHEET_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml'
const WORKSHEET_RELATIONSHIP = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet'

/** The names of the workbook's sheets. */
export interface SheetNames {
  summary: string
  actions: readonly string[]
}

/** Writes the parts that list or describe the sheets. */
export async function writeListingParts(
  zip: ZipWriter,
  template: Template,
  names: SheetNames,
  filterRange: string | null,
  content: WorkbookContent,
): Promise<void> {
  const sheets = names.actions.length + 1
  await zip.add('[Content_Types].xml', contentTypesPart(template.contentTypesXml, sheets))
  await zip.add('xl/workbook.xml', workbookPart(template.workbookXml, names, filterRange))
  await zip.add('xl/_rels/workbook.xml.rels', relationshipsPart(template.relationshipsXml, sheets))
  await zip.add(
    'docProps/core.xml',
    corePropertiesPart(content.plan.title, content.exportedBy, content.exportedAt),
  )
  await zip.add('docProps/app.xml', appPropertiesPart())
}

/**
 * workbook.xml: the list of sheets and the defined names. A name of the template's action sheet is defined once per
 * action.
 */
function workbookPart(xml: string, names: SheetNames, filterRange: string | null): string {
  const sheets = [names.summary, ...names.actions].map(
    (name, place) => `<sheet name="${escapeXml(name)}" sheetId="${place + 1}" r:id="rIdSheet${place + 1}"/>`,
  )
  const defined = [...xml.matchAll(/<definedName ([^>]*)>([^<]*)<\/definedName>/g)].flatMap(
    ([, attributes = '', formula = '']) => {
      const name = /\bname="([^"]*)"/.exec(attributes)?.[1] ?? ''
      // Excel needs the range of the filter as a hidden name too. It is defined below, because the table has grown.
      if (name === '_xlnm._FilterDatabase') return []
      if (!attributes.includes('localSheetId="1"'))
        return [
          { name, attributes, formula: relocate(formula, TEMPLATE_SUMMARY, sheetReference(names.summary)) },
        ]
      return names.actions.map((action, index) => ({
        name,
        attributes: attributes.replace('localSheetId="1"', `localSheetId="${index + 1}"`),
        formula: relocate(formula, TEMPLATE_ACTION, escapeXml(sheetReference(action))),
      }))
    },
  )
  if (filterRange !== null)
    defined.push({
      name: '_xlnm._FilterDatabase',
      attributes: 'name="_xlnm._FilterDatabase" localSheetId="0" hidden="1"',
      formula: `${sheetReference(names.summary)}!${filterRange}`,
    })
  const definedNames = defined
    .sort((one, other) => (one.name.toLowerCase() < other.name.toLowerCase() ? -1 : 1))
    .map(({ attributes, formula }) => `<definedName ${attributes}>${formula}</definedName>`)
  return xml
    .replace(/<sheets>.*<\/sheets>/s, () => `<sheets>${sheets.join('')}</sheets>`)
    .replace(
      /<definedNames>.*<\/definedNames>/s,
      () => `<definedNames>${definedNames.join('')}</definedNames>`,
    )
}

/** Replaces the sheet in a reference: `Summary!$A$1`, quoted or not, becomes `'Resumen'!$A$1`. */
export function relocate(reference: string, from: string, to: string): string {
  return reference.replaceAll(`'${from}'!`, `${from}!`).replaceAll(`${from}!`, () => `${to}!`)
}

/** xl/_rels/workbook.xml.rels: the template's relationships, with the sheets of this workbook. */
function relationshipsPart(xml: string, sheets: number): string {
  let added = ''
  for (let place = 0; place < sheets; place++)
    added += `<Relationship Id="rIdSheet${place + 1}" Type="${WORKSHEET_RELATIONSHIP}" Target="worksheets/sheet${place + 1}.xml"/>`
  return xml
    .replace(/<Relationship [^>]*\/relationships\/worksheet"[^>]*\/>/g, '')
    .replace('</Relationships>', `${added}</Relationships>`)
}

/**
 * [Content_Types].xml with all sheets. xlsx-populate does not list sheets that it adds, and strict readers refuse such
 * files.
 */
function contentTypesPart(xml: string, sheets: number): string {
  let added = ''
  for (let place = 0; place < sheets; place++)
    added += `<Override PartName="/${sheetPart(place)}" ContentType="${WORKSHEET_TYPE}"/>`
  return xml.replace(/<Override [^>]*worksheet\+xml"[^>]*\/>/g, '').replace('</Types>', `${added}</Types>`)
}

/** docProps/core.xml, written anew, so that it does not reveal who edited the template. */
function corePropertiesPart(title: string, author: string, createdAt: number): string {
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
function appPropertiesPart(): string {
  return (
    `${DECLARATION}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">` +
    '<Application>Microsoft Excel</Application></Properties>'
  )
}
