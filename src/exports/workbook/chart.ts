/** The template's charts: their references to the Summary and their cached values. Pure. */
import type { CellValue } from './sheet-writer.ts'
import { escapeXml } from './text.ts'

const TOKEN = /\{\{([\w.]+)\}\}/g

/**
 * Lets a chart of the template refer to the Summary by its translated name, and fills the chart's cache with the cells
 * of that sheet, tokens included.
 * @param valuesOf returns the values of a range of the Summary, such as `D6:D10`
 */
export function pointChart(
  xml: string,
  templateName: string,
  name: string,
  valuesOf: (range: string) => readonly unknown[],
): string {
  return xml.replace(
    /<c:f>([^<]*)<\/c:f>(\s*<c:(str|num)Cache>)(.*?)(<\/c:\3Cache>)/gs,
    (whole, reference: string, open: string, _kind: string, cache: string, close: string) => {
      const [sheet = '', range = ''] = reference.split('!')
      if (sheet.replaceAll("'", '') !== templateName) return whole
      const plain = range.replaceAll('$', '')
      const values = valuesOf(plain.includes(':') ? plain : `${plain}:${plain}`)
      const format = /<c:formatCode>.*?<\/c:formatCode>/s.exec(cache)?.[0] ?? ''
      const points = values.map(
        (value, index) => `<c:pt idx="${index}"><c:v>${escapeXml(shown(value))}</c:v></c:pt>`,
      )
      const count = `<c:ptCount val="${values.length}"/>`
      return `<c:f>${name}!${range}</c:f>${open}${format}${count}${points.join('')}${close}`
    },
  )
}

/**
 * Replaces the tokens in a chart's cache by the values of one export, for viewers that do not compute charts, such as
 * previews.
 */
export function fillChart(xml: string, values: Readonly<Record<string, CellValue>>): string {
  return xml.replace(TOKEN, (_, token: string) => escapeXml(shown(values[token])))
}

function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
