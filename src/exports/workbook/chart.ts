import { escapeXml } from './text.ts'

/**
 * Points a chart at the (possibly renamed) Summary and puts the sheet's values into its cache, so that viewers
 * that don't compute, such as previews, show them too.
 * @param valuesOf the values of a range of the Summary, such as `D6:D10`
 */
export function refreshChart(
  xml: string,
  templateName: string,
  name: string,
  valuesOf: (range: string) => readonly (string | number)[],
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
        (value, index) => `<c:pt idx="${index}"><c:v>${escapeXml(String(value))}</c:v></c:pt>`,
      )
      const count = `<c:ptCount val="${values.length}"/>`
      return `<c:f>${name}!${range}</c:f>${open}${format}${count}${points.join('')}${close}`
    },
  )
}
