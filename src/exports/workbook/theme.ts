/** The theme's accent colour, from which a template's own colours and their tints follow. Pure. */

const ACCENT = /<a:accent1>.*?<\/a:accent1>/s

/**
 * The theme with this accent colour. Cells, bars, tables and charts of a template refer to it as Accent 1, so one
 * replacement colours them all.
 * @param color `#rrggbb`
 */
export function colourTheme(xml: string, color: string): string {
  const hex = color.replace('#', '').toUpperCase()
  if (!ACCENT.test(xml)) throw new Error('the theme of the template has no accent 1')
  return xml.replace(ACCENT, `<a:accent1><a:srgbClr val="${hex}"/></a:accent1>`)
}
