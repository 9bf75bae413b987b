/** Opens a template in one language and takes it apart; the result is kept per isolate. */
import XlsxPopulate, { type Sheet } from 'xlsx-populate'
import { referencesOf } from './chart.ts'
import { readRelationships } from './package-parts.ts'
import { type Relationship, takeApart, type TemplateSheet } from './sheet-template.ts'
import { TABLE_RELATIONSHIP } from './table.ts'
import { type TemplateParts, unpack } from './template-parts.ts'
import { escapeXml } from './text.ts'
import { compressPart, type ZipEntry } from './zip.ts'

/** Name of the part of the sheet at a position, from 0. */
export function sheetPart(place: number): string {
  return `xl/worksheets/sheet${place + 1}.xml`
}

/** Name of the part that holds the relationships of another part. */
export function relationshipsPart(name: string): string {
  return name.replace(/([^/]*)$/, '_rels/$1.rels')
}

export const THEME = 'xl/theme/theme1.xml'
const STYLES = 'xl/styles.xml'
const CHARTS = /^xl\/charts\/chart\d+\.xml$/
// The date formats of the template name English; they are changed to the language of the workbook.
const TEMPLATE_DATES = '[$-409]'
const LABEL = /\{\{label\.([\w.]+)\}\}/g

/** A template as it is bundled, with the words of one language. */
export interface TemplateSource {
  /** The .xlsx file; also what opened templates are remembered by. */
  bytes: ArrayBuffer
  /** Names the language, and whatever else the result depends on. */
  variant: string
  /** The word that `{{label.<key>}}` stands for. Throws if there is none. */
  wordFor: (key: string) => string
  /** Excel's code for the language in which dates are shown, such as `[$-C0A]`. */
  dateLocale: string
  /** Tokens whose columns are hidden. */
  hidden: readonly string[]
}

/** The template as xlsx-populate packed it in one language; all workbooks in that language share it. */
export interface Template {
  /** The sheets by their names in the template, in order. */
  sheets: ReadonlyMap<string, TemplateSheet>
  /** The parts that list the sheets, and the theme. */
  workbookXml: string
  contentTypesXml: string
  relationshipsXml: string
  themeXml: string
  /** Charts by name of part. */
  charts: ReadonlyMap<string, string>
  /** The relationships of drawings, to their charts and pictures, by name of the drawing's part. */
  drawings: ReadonlyMap<string, readonly Relationship[]>
  /** The parts that are the same in every workbook, compressed, by name. */
  otherParts: ReadonlyMap<string, ZipEntry>
}

// Holds results and no promises: a promise of another request would never settle if that request was cancelled.
const opened = new WeakMap<ArrayBuffer, Map<string, Template>>()

/**
 * The template in one language. xlsx-populate opens it, fills in the words, hides columns, and packs it. The result is
 * kept for later workbooks.
 */
export async function openTemplate(source: TemplateSource): Promise<Template> {
  const variants = opened.get(source.bytes) ?? new Map<string, Template>()
  opened.set(source.bytes, variants)
  const known = variants.get(source.variant)
  if (known !== undefined) return known
  const template = await readTemplate(source)
  variants.set(source.variant, template)
  return template
}

async function readTemplate({ bytes, wordFor, dateLocale, hidden }: TemplateSource): Promise<Template> {
  const translate = (text: string): string => text.replace(LABEL, (_, key: string) => wordFor(key))
  const translateXml = (xml: string): string =>
    xml.replace(LABEL, (_, key: string) => escapeXml(wordFor(key)))
  const workbook = await XlsxPopulate.fromDataAsync(bytes)
  const sheets = workbook.sheets()
  for (const sheet of sheets) sheet.find(LABEL, translate)
  const tokens = sheets.map(tokensOf)
  for (const [place, sheet] of sheets.entries())
    for (const [address, token] of tokens[place] ?? [])
      if (hidden.includes(token)) sheet.column(address.replace(/\d+$/, '')).hidden(true)

  const parts = await unpack(await workbook.outputAsync('uint8array'))
  parts.change(/^xl\/styles\.xml$/, (xml) => xml.replaceAll(TEMPLATE_DATES, dateLocale))
  parts.change(/^xl\/(?:drawings|charts|tables|worksheets)\/[^/]+\.xml$/, translateXml)
  // docProps is written anew for each workbook.
  parts.drop(/^docProps\//)
  const charts = parts.takeAll(CHARTS)
  const references = [...charts.values()].flatMap(referencesOf)
  const tables = parts.takeAll(/^xl\/tables\//)
  const styles = parts.read(STYLES)
  const strings = stringsOf(parts)
  const takenApart = sheets.map((sheet, place) => {
    const relationships = parts.has(relationshipsPart(sheetPart(place)))
      ? readRelationships(parts.take(relationshipsPart(sheetPart(place))), 'xl/worksheets/')
      : []
    const own = {
      name: sheet.name(),
      xml: parts.take(sheetPart(place)),
      tokens: tokens[place] ?? new Map<string, string>(),
      relationships,
      tables: new Map(
        relationships
          .filter(({ type }) => type === TABLE_RELATIONSHIP)
          .map(({ id, target }) => [id, tables.get(target) ?? '']),
      ),
      charted: references.filter((each) => each.sheet === sheet.name()).map(({ range }) => range),
    }
    return [own.name, takeApart(own, styles, strings)] as const
  })
  const template = {
    sheets: new Map(takenApart),
    workbookXml: parts.take('xl/workbook.xml'),
    contentTypesXml: parts.take('[Content_Types].xml'),
    relationshipsXml: parts.take('xl/_rels/workbook.xml.rels'),
    themeXml: parts.take(THEME),
    charts,
    drawings: drawingsOf(parts),
  }
  const otherParts = new Map<string, ZipEntry>()
  for (const [name, data] of parts) otherParts.set(name, await compressPart(name, data))
  return { ...template, otherParts }
}

function drawingsOf(parts: TemplateParts): Map<string, readonly Relationship[]> {
  const drawings = new Map<string, readonly Relationship[]>()
  for (const [name] of parts)
    if (/^xl\/drawings\/[^/]+\.xml$/.test(name) && parts.has(relationshipsPart(name)))
      drawings.set(name, readRelationships(parts.read(relationshipsPart(name)), 'xl/drawings/'))
  return drawings
}

function tokensOf(sheet: Sheet): Map<string, string> {
  return new Map(
    sheet.find(/^\{\{[\w.]+\}\}$/).map((cell) => [cell.address(), String(cell.value()).slice(2, -2)]),
  )
}

function stringsOf(parts: TemplateParts): string[] {
  return [...parts.take('xl/sharedStrings.xml').matchAll(/<si>(.*?)<\/si>/gs)].map(([, xml = '']) => xml)
}
