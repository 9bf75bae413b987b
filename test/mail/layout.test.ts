import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Letter, written } from '../../src/mail/layout.ts'
import { ofUser, phrase } from '../../src/mail/phrase.ts'

const EVIL = '"><script>alert(1)</script><img src=x onerror=a>&lt;\''

function letter(text: string, percent = 45): Letter {
  return {
    locale: 'en',
    subject: phrase`About ${ofUser(text)}`,
    preheader: phrase`First of ${ofUser(text)}`,
    companyName: text,
    accentColor: null,
    name: text,
    parts: [
      { kind: 'paragraph', words: phrase`It is ${ofUser(text)}, ${3} times.` },
      { kind: 'facts', facts: [{ label: 'Completion', value: [`${String(percent)}%`], percent }] },
      { kind: 'link', label: 'Open', url: `https://x.test/?a=1&b=${text}`, note: [text] },
      { kind: 'code', code: '12345678' },
      { kind: 'hint', words: phrase`Less of ${ofUser(text)}` },
    ],
    reason: 'Because.',
  }
}

/** WCAG 2.2, "contrast ratio". */
function contrast(...colors: readonly [string, string]): number {
  const [light = 0, dark = 0] = colors
    .map((color) => {
      const [red = 0, green = 0, blue = 0] = (color.match(/[0-9a-f]{2}/g) ?? []).map((digits) => {
        const share = parseInt(digits, 16) / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    })
    .sort((left, right) => right - left)
  return (light + 0.05) / (dark + 0.05)
}

/** Colours that a company may have. */
const ANY_ACCENT = fc
  .integer({ min: 0, max: 0xffffff })
  .map((number) => `#${number.toString(16).padStart(6, '0')}`)
  .filter((color) => contrast(color, '#ffffff') >= 4.5)

describe('the layout of mails', () => {
  const { html } = written(letter('Ana'))

  it('gives every coloured text a background of its own, for dark canvases', () => {
    const styles = [...html.matchAll(/style="([^"]*)"/g)].map(([, style = '']) => style)
    const coloured = styles.filter((style) => /(^|;)color:/.test(style))
    expect(coloured.length).toBeGreaterThan(5)
    for (const style of coloured) expect(style).toMatch(/(^|;)background:#/)
  })

  it('gives every cell with text a colour, so that none is black on a dark canvas', () => {
    const cells = [...html.matchAll(/<td class="[^"]*(?:pad|line)[^"]*"[^>]*style="([^"]*)"/g)]
    expect(cells.length).toBeGreaterThan(5)
    for (const [, style] of cells) expect(style).toMatch(/(^|;)color:#/)
  })

  it('says that it knows light and dark', () => {
    expect(html).toContain('<meta name="color-scheme" content="light dark">')
    expect(html).toContain('<meta name="supported-color-schemes" content="light dark">')
    expect(html).toContain('@media (prefers-color-scheme:dark)')
  })

  it('has the colour of the company on everything coloured, and a bar that is seen on a dark card', () => {
    fc.assert(
      fc.property(ANY_ACCENT, (accentColor) => {
        const coloured = written({ ...letter('Ana'), accentColor }).html
        expect(coloured.split(`bgcolor="${accentColor}"`)).toHaveLength(3)
        expect(coloured).toContain(`padding:12px 22px;background:${accentColor};color:#ffffff`)
        const [, onDark = ''] = /\.done\{background:(#[0-9a-f]{6})!important\}/.exec(coloured) ?? []
        expect(contrast(onDark, '#1a222d')).toBeGreaterThanOrEqual(4.5)
      }),
    )
  })

  it('is of the language of its words, and has a title', () => {
    expect(html).toContain('<html lang="en">')
    expect(html).toContain('<title>About Ana</title>')
  })

  it.each([0, 45, 100])('draws a bar of %i percent', (percent) => {
    const widths = [...written(letter('Ana', percent)).html.matchAll(/<td[^>]* width="(\d+)%"/g)]
    const sum = widths.reduce((total, [, width]) => total + Number(width), 0)
    expect(sum).toBe(100)
    expect(widths).toHaveLength(percent % 100 === 0 ? 1 : 2)
  })

  it('shows any text as text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constant(EVIL), fc.string({ unit: 'grapheme' })), (text) => {
        const plain = written(letter('x')).html
        const tags = (source: string) => [...source.matchAll(/<[^>]*>/g)].length
        expect(tags(written(letter(text)).html)).toBe(tags(plain))
      }),
    )
  })

  it('has the same words in both parts', () => {
    const { text } = written(letter('Ana'))
    for (const words of ['It is Ana, 3 times.', 'Completion: 45%', '12345678', 'Less of Ana', 'Because.'])
      expect(text).toContain(words)
    const shown = html.replace(/<style>.*?<\/style>|<[^>]*>/gs, '')
    for (const words of ['It is Ana, 3 times.', '12345678', 'Less of Ana', 'Because.'])
      expect(shown).toContain(words)
  })
})
