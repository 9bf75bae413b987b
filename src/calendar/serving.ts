/** Serves a calendar to whoever holds its secret address. */
import { findAnywhere } from '../directory/homes.ts'
import type { Database } from '../platform/database.ts'
import { entityTag, namesTag } from '../platform/entity-tag.ts'
import { Problem } from '../platform/problem.ts'
import type { RequestFacts } from '../platform/request.ts'
import { PRIVATE_HEADERS } from '../platform/signed-link.ts'
import { readCalendarFile } from './address.ts'
import { CALENDAR_TYPE, calendarText } from './icalendar.ts'
import { type CalendarOwner, openActionsOf, ownerOf } from './store.ts'
import { viewCalendar } from './view.ts'

/** Up to so many events count as a small answer. */
const FEW_EVENTS = 40
/** Bytes that an event takes while it is made from its row, with titles of the greatest length. */
const EVENT_BYTES = 3000

const HEADERS = {
  ...PRIVATE_HEADERS,
  // Kept by the program that reads it, which asks with the ETag.
  'Cache-Control': 'private, no-cache',
  'Content-Disposition': 'attachment; filename="action-plans.ics"',
}

/** Whose calendar it is, and the database that has it. */
type Owner = CalendarOwner & { database: Database }

const owners = new WeakMap<Request, Promise<Owner | null>>()

/** Whose calendar has the request's address; null for nobody's. Looked up once, for the rate limit and for the answer. */
export function ownerOfRequest(facts: RequestFacts): Promise<Owner | null> {
  const owner = owners.get(facts.raw) ?? findOwner(facts)
  owners.set(facts.raw, owner)
  return owner
}

async function findOwner({ raw, env, meter, reach, now }: RequestFacts): Promise<Owner | null> {
  const file = new URL(raw.url).pathname.split('/').at(-1) ?? ''
  const address = await readCalendarFile(file)
  if (address === null) return null
  const { tokenHash, hint } = address
  const look = async (database: Database) => {
    const [[owner]] = await database.batch([ownerOf(database, tokenHash, now)])
    return owner ? { ...owner, database } : null
  }
  return reach.nearestFirst((copy) =>
    findAnywhere(env, meter, look, { hint, databases: reach.openEach(copy) }),
  )
}

/** The calendar. Throws 404 NOT_FOUND for an address that was never given or has ended, 503 BUSY. */
export async function serveCalendar(facts: RequestFacts): Promise<Response> {
  const { now, raw, who, admission, reach } = facts
  const owner = await ownerOfRequest(facts)
  if (!owner) throw new Problem('NOT_FOUND', 'There is no such calendar.')
  const { userId, companyId, events, database } = owner
  Object.assign(who, { userId, companyId })
  reach.own = database.at
  await (events > FEW_EVENTS ? admission.heavy(events * EVENT_BYTES, database) : admission.light(database))
  const [actions] = events === 0 ? [[]] : await database.batch([openActionsOf(database, owner, now)])
  const text = calendarText(viewCalendar(owner, actions))
  const tag = await entityTag(text)
  const known = raw.headers.get('If-None-Match')
  const headers = { ...HEADERS, ETag: tag }
  if (known !== null && namesTag(known, tag)) return new Response(null, { status: 304, headers })
  return new Response(text, { headers: { ...headers, 'Content-Type': CALENDAR_TYPE } })
}
