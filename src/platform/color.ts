/** Colours as `#rrggbb`, and their contrast (WCAG 2.2, "relative luminance" and "contrast ratio"). */
import * as z from 'zod'

/** What WCAG asks of text in normal size. */
const LEAST_CONTRAST = 4.5

/** A colour on which white text can be read. Upper-case digits become lower-case. */
export function accentColor() {
  return z
    .string()
    .toLowerCase()
    .regex(/^#[0-9a-f]{6}$/, { error: 'must be a colour as #rrggbb', abort: true })
    .refine(
      (color) => contrastWithWhite(color) >= LEAST_CONTRAST,
      `must be darker: white text on it needs a contrast of ${String(LEAST_CONTRAST)}`,
    )
}

/** The contrast ratio of a colour with white: 1 (white) to 21 (black). */
function contrastWithWhite(color: string): number {
  return contrast(luminance('#ffffff'), luminance(color))
}

/** The colour, mixed with as little white as makes its contrast with a dark background enough for text. */
export function lightenedFor(background: string, color: string): string {
  for (let white = 0; ; white += 0.05) {
    const mixed = channels(color).map((channel) => Math.round(channel + (255 - channel) * Math.min(white, 1)))
    const lighter = `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
    if (white >= 1 || contrast(luminance(lighter), luminance(background)) >= LEAST_CONTRAST) return lighter
  }
}

/** @param lighter the luminance of the lighter colour */
function contrast(lighter: number, darker: number): number {
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channels(color).map(linear)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Red, green and blue, 0 to 255 each. */
function channels(color: string): number[] {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16))
}

/** A channel from 0 to 255 as light from 0 to 1. */
function linear(channel: number): number {
  const share = channel / 255
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
}
