import XlsxPopulate, { type Sheet, type Workbook } from 'xlsx-populate'
import { refreshChart } from './chart.ts'
import { labelOf, type Labels } from './labels.ts'
import { takeApart, type TemplateSheet } from './sheet-template.ts'
import { type TemplateParts, unpack } from './template-parts.ts'
import bytes from './template.xlsx'

/** The sheets' names in template.xlsx. */
export const TEMPLATE_SUMMARY = 'Summary'
export const TEMPLATE_ACTION = 'Action'

/** The part of the sheet at a place, 0 being the Summary. */
export function sheetPart(place: number): string {
  return `xl/worksheets/sheet${place + 1}.xml`
}

const STYLES = 'xl/styles.xml'
// Names of months follow the language of the workbook, not that of the machine.
const TEMPLATE_DATES = '[$-409]'
const LABEL = /\{\{label\.([\w.]+)\}\}/g

function translate(text: string, labels: Labels): string {
  return text.replace(LABEL, (_, key: string) => labelOf(labels, key))
}

/** The template in one language: what all exports in it share. */
interface TranslatedTemplate {
  /** A workbook of the Summary alone, for xlsx-populate to open again for each export. */
  summaryFile: Uint8Array
  /** Cell address → token, of the Summary's cells that await a value. */
  summaryTokens: ReadonlyMap<string, string>
  action: TemplateSheet
  /** workbook.xml while it still had both sheets. */
  workbookXml: string
}

// Finished values only: a promise shared between requests could wait for a request that was cancelled.
const translated = new Map<Labels, TranslatedTemplate>()

/** Opens template.xlsx, puts in the words, and sets the action sheet aside. */
async function translateTemplate(labels: Labels): Promise<TranslatedTemplate> {
  const known = translated.get(labels)
  if (known !== undefined) return known
  const workbook = await XlsxPopulate.fromDataAsync(bytes)
  const summary = workbook.sheet(TEMPLATE_SUMMARY)
  const action = workbook.sheet(TEMPLATE_ACTION)
  if (summary === undefined || action === undefined)
    throw new Error('template.xlsx lacks its Summary or Action sheet')
  for (const sheet of [summary, action]) sheet.find(LABEL, (match) => translate(match, labels))
  const actionTokens = tokensOf(action)
  const parts = await unpack(await workbook.outputAsync('uint8array'))
  workbook.deleteSheet(action)
  const result = {
    summaryFile: await workbook.outputAsync('uint8array'),
    summaryTokens: tokensOf(summary),
    action: takeApart(parts.take(sheetPart(1)), parts.read(STYLES), actionTokens, stringsOf(parts)),
    workbookXml: parts.take('xl/workbook.xml'),
  }
  translated.set(labels, result)
  return result
}

function tokensOf(sheet: Sheet): Map<string, string> {
  return new Map(
    sheet.find(/^\{\{[\w.]+\}\}$/).map((cell) => [cell.address(), String(cell.value()).slice(2, -2)]),
  )
}

/** The Summary of one export, open for filling in. */
export interface OpenTemplate {
  workbook: Workbook
  summary: Sheet
  /** Taken before any text of the user's is filled in. Who fills a cell removes it. */
  summaryTokens: Map<string, string>
  translated: TranslatedTemplate
}

/** Opens the template in a language. */
export async function openTemplate(labels: Labels): Promise<OpenTemplate> {
  const template = await translateTemplate(labels)
  const workbook = await XlsxPopulate.fromDataAsync(template.summaryFile)
  const summary = workbook.sheet(0)
  if (summary === undefined) throw new Error('the translated template has no sheet')
  return { workbook, summary, summaryTokens: new Map(template.summaryTokens), translated: template }
}

/** The template as xlsx-populate packed it: its two sheets taken apart, and all other parts. */
export interface PackedTemplate {
  summary: TemplateSheet
  action: TemplateSheet
  workbookXml: string
  parts: TemplateParts
}

/** Lets xlsx-populate pack the filled template, and takes the package apart. */
export async function packTemplate(template: OpenTemplate, labels: Labels): Promise<PackedTemplate> {
  const { workbook, summary, summaryTokens, translated } = template
  const parts = await unpack(await workbook.outputAsync('uint8array'))
  const styles = parts.read(STYLES)
  const packed = {
    summary: takeApart(parts.take(sheetPart(0)), styles, summaryTokens, stringsOf(parts)),
    action: translated.action,
    workbookXml: translated.workbookXml,
    parts,
  }
  parts.drop(/^xl\/worksheets\/(?:sheet2|_rels\/sheet2)\.xml/)
  parts.drop(/^xl\/workbook\.xml$/)
  parts.change(/^xl\/styles\.xml$/, (xml) => xml.replaceAll(TEMPLATE_DATES, labels.dateLocale))
  parts.change(/^xl\/drawings\/drawing\d+\.xml$/, (xml) => translate(xml, labels))
  const shown = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? value : '')
  const valuesOf = (range: string) => summary.range(range).value().flat().map(shown)
  parts.change(/^xl\/charts\/chart\d+\.xml$/, (xml) =>
    refreshChart(xml, TEMPLATE_SUMMARY, labels.sheetName, valuesOf),
  )
  return packed
}

function stringsOf(parts: TemplateParts): string[] {
  return [...parts.take('xl/sharedStrings.xml').matchAll(/<si>(.*?)<\/si>/gs)].map(([, xml = '']) => xml)
}
