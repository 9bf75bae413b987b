/** Ranges of time in a query: two instants or dates, of which a date is its first moment in the company's time zone. */
import { eq } from 'drizzle-orm'
import type * as z from 'zod'
import { companies } from '../db/schema.ts'
import { invalid } from './problem.ts'
import type { AuthorizedRequest } from './request.ts'
import { startOfDay } from './time-zone.ts'
import { parseDate, parseInstant } from './time.ts'

const mustNotBeAfter = (to: string) => `must not be after ${to}`

/** The query with the check that the parameter `from` is not after `to`. */
export function inOrder<Query extends z.ZodType>(from: string, to: string, query: Query): Query {
  return query.refine(
    (value) => {
      // A query is an object; its parameters are texts, or absent.
      const sent = value as Record<string, unknown>
      return isInOrder(sent[from], sent[to])
    },
    { path: [from], message: mustNotBeAfter(to), when: () => true },
  )
}

/**
 * False if `from` is after `to` in every time zone. A date and an instant that lie close together are compared once
 * the time zone is known.
 */
function isInOrder(from: unknown, to: unknown): boolean {
  const [first, last] = [momentsOf(from), momentsOf(to)]
  if (!first || !last) return true
  return first.isDate && last.isDate ? first.earliest <= last.earliest : first.earliest <= last.latest
}

/** No time zone is or was further than a day from UTC. */
const FURTHEST_OFFSET = 24 * 3_600_000

/** The earliest and the latest moment for which the text may stand, in Unix milliseconds; null if it is neither form. */
function momentsOf(text: unknown): { isDate: boolean; earliest: number; latest: number } | null {
  if (typeof text !== 'string') return null
  const instant = parseInstant(text.trim())
  if (instant !== null) return { isDate: false, earliest: instant, latest: instant }
  const day = parseDate(text.trim())
  return day === null
    ? null
    : { isDate: true, earliest: day - FURTHEST_OFFSET, latest: day + FURTHEST_OFFSET }
}

/** A parameter's name and its text. */
type Sent = readonly [name: string, text: string | undefined]

/**
 * Both ends in Unix milliseconds. Reads the company's time zone if one is a date. Throws 400 VALIDATION_FAILED if `from`
 * turns out to be after `to`.
 */
export async function timesOf(
  request: AuthorizedRequest,
  from: Sent,
  to: Sent,
): Promise<[from: number | undefined, to: number | undefined]> {
  const isDate = ([, text]: Sent) => text !== undefined && parseInstant(text) === null
  const timeZone = isDate(from) || isDate(to) ? await timeZoneOf(request) : 'UTC'
  const timeOf = ([, text]: Sent) =>
    text === undefined ? undefined : (parseInstant(text) ?? startOfDay(parseDate(text) ?? NaN, timeZone))
  const [first, last] = [timeOf(from), timeOf(to)]
  if (first !== undefined && last !== undefined && first > last) {
    throw invalid([{ path: from[0], message: mustNotBeAfter(to[0]) }])
  }
  return [first, last]
}

async function timeZoneOf(request: AuthorizedRequest): Promise<string> {
  const { database, scope } = request
  const { rows } = await request.read([
    database
      .select({ timeZone: companies.timeZone })
      .from(companies)
      .where(eq(companies.id, scope.companyId)),
  ] as const)
  return rows[0][0]?.timeZone ?? 'UTC'
}
