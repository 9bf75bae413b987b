/** Reads the history: newest first with filters, or oldest first as a feed for programs that keep a copy. */
import { type Answer, json } from '../platform/answer.ts'
import { invalid, Problem } from '../platform/problem.ts'
import type { AuthorizedRequest } from '../platform/request.ts'
import { timesOf } from '../platform/time-range.ts'
import { cursorOf, gapIn } from './cursor.ts'
import { numberAt, type Page, pageAfter, pageBefore, placeOf } from './page.ts'
import { DEFAULT_LIMIT, type FeedQuery, type HistoryQuery, MALFORMED_CURSOR } from './schemas.ts'
import { feedRows, foundIn, historyExtent, historyRows } from './store.ts'

/** A gap that everything lies before. */
const NEWEST = Number.MAX_SAFE_INTEGER

/**
 * Entries of what the caller may read now, newest first. Throws 400 VALIDATION_FAILED.
 * @param secret DERIVED_KEYS_SECRET
 */
export async function readHistory(
  request: AuthorizedRequest,
  secret: string,
  query: HistoryQuery,
): Promise<Answer> {
  const { database, scope } = request
  const { planId = null, actionId = null, actorId = null, type = null } = query
  const before = await gapOf(request, secret, 'before', query.before)
  const [since = null, until = null] = await timesOf(request, ['since', query.since], ['until', query.until])
  const limit = Number(query.limit ?? DEFAULT_LIMIT)
  const number = numberAt((before ?? NEWEST) - 1)
  const walk = { ...scope, number, rows: limit + 1, planId, actionId, actorId, type, since, until }
  const { rows } = await request.read([historyExtent(database, scope), historyRows(database, walk)] as const)
  const [[extent], found] = rows
  const gap = before ?? placeOf((extent?.last ?? 0) + 1)
  return answerOf(request, secret, pageBefore(gap, foundIn(found), limit))
}

/**
 * Entries that the caller may read or is told of, oldest first, from the cursor on; without one, none. Throws 400
 * VALIDATION_FAILED, 410 CURSOR_GONE.
 * @param secret DERIVED_KEYS_SECRET
 */
export async function readFeed(
  request: AuthorizedRequest,
  secret: string,
  query: FeedQuery,
): Promise<Answer> {
  const { database, scope } = request
  const after = await gapOf(request, secret, 'after', query.after)
  if (after === null) {
    const { rows } = await request.read([historyExtent(database, scope)] as const)
    const gap = placeOf((rows[0][0]?.last ?? 0) + 1)
    return answerOf(request, secret, { entries: [], gap, more: false })
  }
  const limit = Number(query.limit ?? DEFAULT_LIMIT)
  const { rows } = await request.read([
    historyExtent(database, scope),
    feedRows(database, { ...scope, number: numberAt(after), rows: limit + 1 }),
  ] as const)
  const [[extent], found] = rows
  if (after < placeOf((extent?.floor ?? 0) + 1)) {
    throw new Problem('CURSOR_GONE', 'What came after this cursor is no longer kept: read everything anew.')
  }
  return answerOf(request, secret, pageAfter(after, foundIn(found), limit))
}

/** The gap that the parameter's cursor stands for; null without one. Throws 400 VALIDATION_FAILED. */
async function gapOf(
  request: AuthorizedRequest,
  secret: string,
  path: string,
  cursor: string | undefined,
): Promise<number | null> {
  if (cursor === undefined) return null
  const gap = await gapIn(secret, request.scope.userId, cursor)
  if (gap === null) {
    // 401 and 403 take precedence over a 400.
    await request.verify()
    throw invalid([{ path, message: MALFORMED_CURSOR }])
  }
  return gap
}

async function answerOf(
  { scope }: AuthorizedRequest,
  secret: string,
  { entries, gap, more }: Page,
): Promise<Answer> {
  return json({ entries, cursor: await cursorOf(secret, scope.userId, gap), more })
}
