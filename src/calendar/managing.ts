/** The caller's own calendar: given an address, and ended. */
import { endCalendar } from '../people/user-store.ts'
import { type Answer, empty, json } from '../platform/answer.ts'
import { sha256Hex } from '../platform/hash.ts'
import { ROW_BYTES } from '../platform/limits.ts'
import { publicAddress, requireLinks } from '../platform/public-url.ts'
import type { AuthorizedRequest, RequestFacts } from '../platform/request.ts'
import { newToken } from '../platform/token.ts'
import { calendarFile } from './address.ts'
import { calendarOfUser, putCalendar } from './store.ts'

/**
 * Gives the caller's calendar a new secret address, which is in this answer alone; an earlier one ends. `path` is the path of
 * all calendars. Throws 503 LINKS_UNAVAILABLE, and the problems of `AuthorizedRequest.write`.
 */
export async function makeCalendar(
  request: AuthorizedRequest,
  { settings, raw }: Pick<RequestFacts, 'settings' | 'raw'>,
  path: string,
): Promise<Answer> {
  const { database, caller, now } = request
  const { companyId, userId } = caller
  const token = newToken()
  const tokenHash = await sha256Hex(token)
  return request.write({
    load: [calendarOfUser(database, userId)] as const,
    decide(_viewer, [[found]]) {
      requireLinks({ settings, raw })
      return {
        effects: [putCalendar(database, { userId, companyId, tokenHash, createdAt: now })],
        history: [],
        adds: found ? 0 : ROW_BYTES,
        answer: json({ url: publicAddress(settings, `${path}/${calendarFile(database, companyId, token)}`) }),
      }
    },
  })
}

/** Ends the address of the caller's calendar, if there is one. Throws the problems of `AuthorizedRequest.write`. */
export async function removeCalendar(request: AuthorizedRequest): Promise<Answer> {
  const { database, caller } = request
  return request.write({
    load: [calendarOfUser(database, caller.userId)] as const,
    decide: (_viewer, [[found]]) => ({
      effects: found ? [endCalendar(database, caller.userId)] : [],
      history: [],
      answer: empty(204),
    }),
  })
}
