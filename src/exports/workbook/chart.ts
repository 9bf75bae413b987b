/** The template's charts: the cells that they show, and the copies of those cells that they hold. Pure. */
import type { TemplateCell } from './sheet-template.ts'
import type { CellValue } from './cell-value.ts'
import { cellText, escapeXml } from './text.ts'

/** The value of a cell as a chart keeps it, as XML. */
export type ChartText = string

const REFERENCE = /<c:f>([^<]*)<\/c:f>(\s*<c:(str|num)Cache>)(.*?)(<\/c:\3Cache>)/gs

/** The references of a chart, as names of sheets and ranges: `Summary` and `D6:D10`. */
export function referencesOf(xml: string): { sheet: string; range: string }[] {
  return [...xml.matchAll(REFERENCE)].map(([, reference = '']) => splitReference(reference))
}

function splitReference(reference: string): { sheet: string; range: string } {
  const at = reference.lastIndexOf('!')
  const sheet = reference.slice(0, at).replace(/^'(.*)'$/, '$1')
  return { sheet, range: reference.slice(at + 1).replaceAll('$', '') }
}

/** What a written cell of the template is in a chart's copy. */
export function chartText(cell: TemplateCell, value: CellValue): ChartText {
  if (cell.token !== null) return typeof value === 'number' ? String(value) : escapeXml(cellText(value ?? ''))
  if (cell.constant === null) return ''
  return 'number' in cell.constant ? cell.constant.number : cell.constant.string.replace(/<[^>]*>/g, '')
}

/**
 * Lets a chart refer to the written cells and keeps their values, for viewers that do not compute charts, such as
 * previews.
 * @param cellsOf the written range, as a reference (`'Resumen'!$D$6:$D$10`), and its values; null for a sheet that was
 * not written
 */
export function fillChart(
  xml: string,
  cellsOf: (sheet: string, range: string) => { reference: string; values: readonly ChartText[] } | null,
): string {
  return xml.replace(
    REFERENCE,
    (whole, reference: string, open: string, kind: string, cache: string, close: string) => {
      const { sheet, range } = splitReference(reference)
      const cells = cellsOf(sheet, range)
      if (cells === null) return whole
      const format = /<c:formatCode>.*?<\/c:formatCode>/s.exec(cache)?.[0] ?? ''
      const points = cells.values.map((value, index) =>
        // An empty cell has no point: a number may not be empty.
        value === '' && kind === 'num' ? '' : `<c:pt idx="${index}"><c:v>${value}</c:v></c:pt>`,
      )
      const count = `<c:ptCount val="${cells.values.length}"/>`
      return `<c:f>${escapeXml(cells.reference)}</c:f>${open}${format}${count}${points.join('')}${close}`
    },
  )
}
