/** How much text fits into a cell and how many lines it takes, since Excel does not fit merged cells. Pure. */

import { columnNumber } from './ranges.ts'

/** The tallest row that Excel allows, in points. */
export const MAX_ROW_HEIGHT = 409

/** The size of a cell for wrapped text. */
export interface TextBox {
  /** How many average characters of the cell's font fit into its width. */
  charactersPerLine: number
  /** Height of a line in points. */
  lineHeight: number
}

// Padding of a cell, left and right together, in widths of a digit.
const PADDING = 1

/**
 * The box of a cell of the given width (in digits, as Excel counts) and font size (in points). Bold text is a little
 * wider.
 */
function textBox(width: number, size: number, bold: boolean): TextBox {
  const charactersPerLine = Math.max(1, ((width - PADDING) * (bold ? 10 : 10.6)) / size)
  return { charactersPerLine, lineHeight: size * 1.3 }
}

/**
 * Returns the box of a cell, by its style (an index) and its columns `from` to `to`; null if the cell does not wrap
 * text.
 */
export type BoxOf = (style: number, from: string, to: string) => TextBox | null

// Excel's width of a column for which the sheet gives none, in digits.
const DEFAULT_WIDTH = 8.43

/**
 * Reads fonts, wrapping and widths from the XML that xlsx-populate wrote (see sheet-template.ts). Its API is no
 * alternative: it adds a copy of each style that is read, with a `<fill/>` that strict readers refuse.
 */
export function readBoxes(styles: string, sheet: string): BoxOf {
  const fonts = [...between(styles, 'fonts').matchAll(/<font>(.*?)<\/font>/gs)].map(([, font = '']) => ({
    size: Number(/<sz val="([\d.]+)"/.exec(font)?.[1] ?? 10),
    bold: /<b(?: val="(?:1|true)")?\/>/.test(font),
  }))
  const formats = [...between(styles, 'cellXfs').matchAll(/<xf [^>]*?(?:\/>|>.*?<\/xf>)/gs)].map(
    ([format]) => ({
      wraps: / wrapText="(?:1|true)"/.test(format),
      font: fonts[Number(/ fontId="(\d+)"/.exec(format)?.[1] ?? 0)],
    }),
  )
  const widths: number[] = []
  for (const [column] of between(sheet, 'cols').matchAll(/<col [^>]*>/g)) {
    const number = (name: string): number => Number(new RegExp(` ${name}="([\\d.]+)"`).exec(column)?.[1] ?? 0)
    for (let place = number('min'); place <= number('max'); place++) widths[place] = number('width')
  }
  return (style, from, to) => {
    const { wraps, font } = formats[style] ?? {}
    if (!wraps || font === undefined) return null
    let width = 0
    for (let place = columnNumber(from); place <= columnNumber(to); place++)
      width += widths[place] ?? DEFAULT_WIDTH
    return textBox(width, font.size, font.bold)
  }
}

function between(xml: string, element: string): string {
  return new RegExp(`<${element}[ >].*?</${element}>`, 's').exec(xml)?.[0] ?? ''
}

/**
 * Estimates how many lines a wrapped text takes, for the row height: Excel does not fit rows with merged cells itself.
 */
export function countLines(text: string, charactersPerLine: number): number {
  if (text.length * WIDEST <= charactersPerLine && !text.includes('\n')) return 1
  let lines = 0
  for (const paragraph of text.split('\n')) {
    const width = displayWidth(paragraph)
    if (width <= charactersPerLine) lines += 1
    else if (charactersPerLine < LONG_LINE || width <= charactersPerLine * FEW_LINES)
      lines += wrappedLines(paragraph, charactersPerLine)
    // In long lines, word wrap leaves about a fourteenth of each line empty.
    else lines += Math.ceil(width / (charactersPerLine * 0.93))
  }
  return lines
}

/**
 * Lines of fewer than LONG_LINE characters and texts of up to FEW_LINES lines are wrapped word by word, since each word
 * matters there.
 */
const LONG_LINE = 60
const FEW_LINES = 8

function wrappedLines(paragraph: string, charactersPerLine: number): number {
  let lines = 1
  let used = 0
  for (const word of paragraph.split(' ')) {
    const width = displayWidth(word)
    if (used > 0 && used + 1 + width > charactersPerLine) {
      lines += 1
      used = 0
    }
    used += (used > 0 ? 1 : 0) + width
    // A word that is longer than a line is broken.
    while (used > charactersPerLine) {
      lines += 1
      used -= charactersPerLine
    }
  }
  return lines
}

// Widths of Arial in thousandths of its size, which most fonts of its kind have too.
const WIDTHS: readonly [number, string][] = [
  [222, "ijl'"],
  [278, ' !,./:;I[]\\ft|'],
  [340, '()-r`"{}*'],
  [500, 'ckszvxyJ^'],
  [611, 'FTZ'],
  [667, 'ABEKPSVXY&'],
  [722, 'CDHNRUw'],
  [778, 'GOQ'],
  [833, 'mM'],
  [944, 'W%@'],
]
const OTHER_WIDTH = 556
const CAPITAL_WITH_ACCENT = 700
/** The width that counts as one character: a little more than the average of running text. */
const CHARACTER = 524

const LATIN = Array.from({ length: 0x100 }, (_, code) => {
  const character = String.fromCharCode(code)
  const [known] = WIDTHS.find(([, characters]) => characters.includes(character)) ?? []
  return (known ?? (code >= 0xc0 && code <= 0xde ? CAPITAL_WITH_ACCENT : OTHER_WIDTH)) / CHARACTER
})
const WIDEST = 2

/**
 * Width of a text in average characters. Capitals count more, East Asian characters and emoji twice; no text counts less
 * than its characters, since a row that is too tall does less harm than a text that is cut.
 */
function displayWidth(text: string): number {
  let width = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    width +=
      LATIN[unit] ?? (unit >= 0x1100 && (unit < 0xd800 || unit > 0xdfff) ? WIDEST : OTHER_WIDTH / CHARACTER)
  }
  return Math.max(width, text.length)
}
