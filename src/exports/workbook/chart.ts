import type { CellValue } from './sheet-writer.ts'
import { escapeXml } from './text.ts'

const TOKEN = /\{\{([\w.]+)\}\}/g

/**
 * Points a chart of the template at the (possibly renamed) Summary and puts what that sheet holds there, tokens
 * included, into its cache.
 * @param valuesOf the values of a range of the Summary, such as `D6:D10`
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

/** Puts the values of one export into a chart's cache, so that viewers that don't compute, such as previews, show them. */
export function fillChart(xml: string, values: Readonly<Record<string, CellValue>>): string {
  return xml.replace(TOKEN, (_, token: string) => escapeXml(shown(values[token])))
}

function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
