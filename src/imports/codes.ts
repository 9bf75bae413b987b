/** The values of closed lists as people write them: the code, or its word in any of our languages. Pure. */
import * as z from 'zod'
import {
  ACTION_TYPES,
  FOCUS_TYPES,
  type Locale,
  LOCALES,
  ORIGINS,
  STATUSES,
  VISIBILITIES,
} from '../db/enums.ts'
import { type Labels, labelsOf } from '../exports/workbook/labels.ts'
import { fold } from '../platform/text.ts'

const LONGEST_WORD = 100

/** Each code by itself and by its words, folded; of a word with an explanation (`Public: all …`) also the part before. */
function byWord<Code extends string>(
  codes: readonly Code[],
  wordsOf: (labels: Labels) => Readonly<Record<Code, string>>,
): ReadonlyMap<string, Code> {
  const found = new Map<string, Code>()
  for (const code of codes) {
    const words = LOCALES.map((locale) => wordsOf(labelsOf(locale))[code])
    for (const word of [code, ...words, ...words.map((each) => each.split(':', 1)[0] ?? '')])
      found.set(fold(word), code)
  }
  return found
}

/** How codes of all lists are written in a workbook of that language; another text stays as it is. */
export function wordsIn(locale: Locale): (code: string) => string {
  const { statuses, visibilities, actionTypes, origins, focusTypes } = labelsOf(locale)
  const words = new Map<string, string>(
    Object.entries({ ...statuses, ...visibilities, ...actionTypes, ...origins, ...focusTypes }),
  )
  return (code) => words.get(code)?.split(':', 1)[0] ?? code
}

/** A member of a closed list, written as its code or as a word for it. */
function coded<const Codes extends readonly [string, ...string[]]>(
  codes: Codes,
  wordsOf: (labels: Labels) => Readonly<Record<Codes[number], string>>,
) {
  const words = byWord<Codes[number]>(codes, wordsOf)
  return z.preprocess(
    (value) =>
      typeof value === 'string' && value.length <= LONGEST_WORD
        ? (words.get(fold(value.trim())) ?? value)
        : value,
    z.enum(codes),
  )
}

export const status = () => coded(STATUSES, ({ statuses }) => statuses)
export const visibility = () => coded(VISIBILITIES, ({ visibilities }) => visibilities)
export const actionType = () => coded(ACTION_TYPES, ({ actionTypes }) => actionTypes)
export const origin = () => coded(ORIGINS, ({ origins }) => origins)

const FOCUS_WORDS = byWord(FOCUS_TYPES, ({ focusTypes }) => focusTypes)

/** A focus item as a cell shows it, `Score: focus-time` or `HI`; what is no focus type is left for the schema to refuse. */
export function focusItemIn(text: string): { focusType: string; focusId?: string } {
  const colon = text.indexOf(':')
  const word = (colon === -1 ? text : text.slice(0, colon)).trim()
  const focusType: string = FOCUS_WORDS.get(fold(word.slice(0, LONGEST_WORD))) ?? word
  return colon === -1 ? { focusType } : { focusType, focusId: text.slice(colon + 1).trim() }
}

export const focusType = () => coded(FOCUS_TYPES, ({ focusTypes }) => focusTypes)
