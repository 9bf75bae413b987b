/** Opens template.xlsx in one language and takes it apart; the result is kept per isolate. */
import XlsxPopulate, { type Sheet } from 'xlsx-populate'
import { pointChart } from './chart.ts'
import { labelOf, type Labels } from './labels.ts'
import { takeApart, type TemplateSheet } from './sheet-template.ts'
import { type TemplateParts, unpack } from './template-parts.ts'
import bytes from './template.xlsx'
import { compressPart, type ZipEntry } from './zip.ts'

/** Names of the sheets in template.xlsx. */
export const TEMPLATE_SUMMARY = 'Summary'
export const TEMPLATE_ACTION = 'Action'

/** Name of the part of the sheet at a position, 0 for the Summary. */
export function sheetPart(place: number): string {
  return `xl/worksheets/sheet${place + 1}.xml`
}

const STYLES = 'xl/styles.xml'
const CHARTS = /^xl\/charts\/chart\d+\.xml$/
// The date formats of the template name English; they are changed to the language of the workbook.
const TEMPLATE_DATES = '[$-409]'
const LABEL = /\{\{label\.([\w.]+)\}\}/g
/**
 * Token of the column that tells in which file an action has its sheet; the column is hidden if there is one file only.
 */
const VOLUME_TOKEN = 'action.volume'

function translate(text: string, labels: Labels): string {
  return text.replace(LABEL, (_, key: string) => labelOf(labels, key))
}

/** The template as xlsx-populate packed it in one language; all exports in that language share it. */
export interface Template {
  summary: TemplateSheet
  action: TemplateSheet
  /** The parts that list the sheets. */
  workbookXml: string
  contentTypesXml: string
  relationshipsXml: string
  /** Charts by name of part; values from the Summary stand in them as tokens. */
  charts: ReadonlyMap<string, string>
  /** The parts that are the same in every export, compressed. */
  otherParts: readonly ZipEntry[]
}

// Holds results and no promises: a promise of another request would never settle if that request was cancelled.
const opened = new Map<string, Template>()

/**
 * The template in one language, for exports of one file or of several. xlsx-populate opens template.xlsx, fills in the
 * words, hides the column of files if there is only one, and packs it. The result is kept for later exports.
 */
export async function openTemplate(labels: Labels, hasVolumes: boolean): Promise<Template> {
  const key = `${labels.sheetName} ${hasVolumes}`
  const known = opened.get(key)
  if (known !== undefined) return known
  const template = await readTemplate(labels, hasVolumes)
  opened.set(key, template)
  return template
}

async function readTemplate(labels: Labels, hasVolumes: boolean): Promise<Template> {
  const workbook = await XlsxPopulate.fromDataAsync(bytes)
  const summary = workbook.sheet(TEMPLATE_SUMMARY)
  const action = workbook.sheet(TEMPLATE_ACTION)
  if (summary === undefined || action === undefined)
    throw new Error('template.xlsx lacks its Summary or Action sheet')
  for (const sheet of [summary, action]) sheet.find(LABEL, (match) => translate(match, labels))
  const summaryTokens = tokensOf(summary)
  if (!hasVolumes)
    for (const [address, token] of summaryTokens)
      if (token === VOLUME_TOKEN) summary.column(address.replace(/\d+$/, '')).hidden(true)

  const parts = await unpack(await workbook.outputAsync('uint8array'))
  parts.change(/^xl\/styles\.xml$/, (xml) => xml.replaceAll(TEMPLATE_DATES, labels.dateLocale))
  parts.change(/^xl\/drawings\/drawing\d+\.xml$/, (xml) => translate(xml, labels))
  const valuesOf = (range: string) => summary.range(range).value().flat()
  parts.change(CHARTS, (xml) => pointChart(xml, TEMPLATE_SUMMARY, labels.sheetName, valuesOf))
  // docProps is written anew for each export, and the written action sheets need no relationships.
  parts.drop(/^docProps\/|^xl\/worksheets\/_rels\/sheet2\.xml/)
  const styles = parts.read(STYLES)
  const strings = stringsOf(parts)
  const template = {
    summary: takeApart(parts.take(sheetPart(0)), styles, summaryTokens, strings),
    action: takeApart(parts.take(sheetPart(1)), styles, tokensOf(action), strings),
    workbookXml: parts.take('xl/workbook.xml'),
    contentTypesXml: parts.take('[Content_Types].xml'),
    relationshipsXml: parts.take('xl/_rels/workbook.xml.rels'),
    charts: parts.takeAll(CHARTS),
  }
  const otherParts: ZipEntry[] = []
  for (const [name, data] of parts) otherParts.push(await compressPart(name, data))
  return { ...template, otherParts }
}

function tokensOf(sheet: Sheet): Map<string, string> {
  return new Map(
    sheet.find(/^\{\{[\w.]+\}\}$/).map((cell) => [cell.address(), String(cell.value()).slice(2, -2)]),
  )
}

function stringsOf(parts: TemplateParts): string[] {
  return [...parts.take('xl/sharedStrings.xml').matchAll(/<si>(.*?)<\/si>/gs)].map(([, xml = '']) => xml)
}
