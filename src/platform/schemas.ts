/** Schemas that the requests and answers of all features are built from. */
import * as z from 'zod'
import { ID_PATTERN } from './ids.ts'
import { LIMITS } from './limits.ts'
import { mostAsSent } from './text.ts'
import { EARLIEST, LONGEST_INSTANT, parseDate, parseInstant } from './time.ts'

/** An id in a body or query; a malformed id is invalid input. */
export const id = () => z.string().regex(ID_PATTERN, 'must be 24 lower-case hexadecimal characters')

/** An ISO 8601 instant with an offset; kept as text. `parseInstant` gives the milliseconds. */
export const instant = () =>
  z
    .string()
    .overwrite(trimmedInstant)
    .refine((text) => parseInstant(text) !== null, 'must be an ISO 8601 date and time with an offset')
    .meta({ format: 'date-time' })

/** An ISO 8601 instant with an offset, or a date; kept as text. `parseInstant` and `parseDate` give the milliseconds. */
export const instantOrDate = () =>
  z
    .string()
    .overwrite(trimmedInstant)
    .refine(
      (text) => parseInstant(text) !== null || (parseDate(text) ?? -Infinity) >= EARLIEST,
      'must be an ISO 8601 date, or a date and time with an offset',
    )

/** Trimmed, unless it is far too long, so that validation costs little. */
function trimmedInstant(text: string): string {
  return text.length > 2 * LONGEST_INSTANT ? text : text.trim()
}

/** A query parameter that is `true` or `false`; `isSet` reads it. */
export const flag = () => z.enum(['true', 'false']).meta({ override: { type: 'boolean' } })

/** The value of a `flag`; undefined if the parameter is absent. */
export function isSet(value: 'true' | 'false' | undefined): boolean | undefined {
  return value === undefined ? undefined : value === 'true'
}

/** A time in an answer. */
export const timestamp = () => z.string().meta({ format: 'date-time' })

export const percentage = () => z.int().min(0).max(100)

// With `when: always`, a check runs even if another check has failed, so that a 400 names all errors at once.
const always = () => true

/**
 * A list of `min` to `max` items; invalid items and a wrong length are both reported. Only the first `mostAsSent(max)`
 * items are checked, so that a hostile list costs little.
 */
export const listOf = <T extends z.ZodType>(item: T, min: number, max: number) =>
  z
    .preprocess(
      (list) => (Array.isArray(list) ? (list.slice(0, mostAsSent(max)) as unknown[]) : list),
      z.array(item),
    )
    .refine((list) => !Array.isArray(list) || list.length >= min, {
      message: `must have at least ${String(min)} items`,
      when: always,
    })
    .refine((list) => !Array.isArray(list) || list.length <= max, {
      message: `must have at most ${String(max)} items`,
      when: always,
    })
    .meta({ minItems: min, maxItems: max })

/** An optional member of a request: null counts as absent. */
export const optional = <T extends z.ZodType>(schema: T) => schema.nullish()

type EachOptional<Shape> = {
  [Name in keyof Shape]: Shape[Name] extends z.ZodType ? z.ZodOptional<z.ZodNullable<Shape[Name]>> : never
}

/** `optional` for each member. */
export function eachOptional<Shape extends Record<string, z.ZodType>>(shape: Shape): EachOptional<Shape> {
  const members = Object.entries(shape).map(([name, schema]) => [name, optional(schema)])
  // The same names, each with its schema made optional.
  return Object.fromEntries(members) as EachOptional<Shape>
}

/** A member that a body may hold as it was read, although it is set in another way. */
export const asRead = () => z.unknown().optional().meta({ readOnly: true })

const INT32 = 2_147_483_647
const LARGEST_SLICE = LIMITS.itemsPerSlice.most

/** An optional query parameter that is a whole number. */
export const wholeNumber = (minimum: number, maximum: number, description: string) =>
  z
    .string()
    .refine(
      (text) => /^\d+$/.test(text) && Number(text) >= minimum && Number(text) <= maximum,
      `must be a whole number from ${String(minimum)} to ${String(maximum)}`,
    )
    .optional()
    .meta({ override: { type: 'integer', format: 'int32', minimum, maximum }, description })

const index = (description: string) => wholeNumber(0, INT32, description)

/** The query of a list: `from` and `to`, plus the parameters in `filters`. */
export function sliceQuery<T extends z.ZodRawShape>(filters: T) {
  const query = z.object({
    from: index('Zero-based start index, 0 when omitted'),
    to: index('Exclusive end index, `from + 10` when omitted, at most `from + 100`'),
    ...filters,
  })
  // The generic type hides the members `from` and `to` that are declared above.
  const length = (value: unknown) => sliceLength(value as SliceParameters)
  return query
    .refine((value) => length(value) >= 0, {
      path: ['to'],
      message: 'must not be less than from',
      when: always,
    })
    .refine((value) => length(value) <= LARGEST_SLICE, {
      path: ['to'],
      message: `must be at most from + ${String(LARGEST_SLICE)}`,
      when: always,
    })
}

interface SliceParameters {
  from?: string | undefined
  to?: string | undefined
}

function sliceLength(query: SliceParameters): number {
  const length = Number(query.to ?? Number(query.from ?? 0) + 10) - Number(query.from ?? 0)
  return Number.isNaN(length) ? 0 : length
}

export interface Slice {
  from: number
  /** The most items to return. */
  limit: number
}

export function toSlice(query: SliceParameters): Slice {
  return { from: Number(query.from ?? 0), limit: sliceLength(query) }
}

/** The query of a list without `from` and `to`. */
export function filtersIn<Query extends SliceParameters>(query: Query): Omit<Query, 'from' | 'to'> {
  const { from: _from, to: _to, ...filters } = query
  return filters
}

/** The answer of a list of `item`. */
export const sliceOf = <T extends z.ZodType>(item: T) =>
  z.object({
    from: z.int().meta({ format: 'int32' }),
    to: z.int().meta({ format: 'int64', description: '`from` + the number of items in `result`' }),
    total: z.int().meta({ format: 'int64', description: 'How many match in all' }),
    result: z.array(item),
  })

/** An answer of a list for the reference: these items and no more. */
export function exampleSlice<Item>(...result: Item[]) {
  return { from: 0, to: result.length, total: result.length, result }
}
