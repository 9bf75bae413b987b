/**
 * The last part of a calendar's address: its secret token, and where several databases are bound, before it the number of the one
 * in which it was made and the company. Both are a hint of where to look: the token alone tells whose calendar it is.
 */
import type { Database } from '../platform/database.ts'
import { DIRECTORY, isDatabaseName, type Place } from '../platform/place.ts'
import { hashOfAddress } from '../platform/token.ts'

/** What a presented address tells. */
export interface CalendarAddress {
  /** SHA-256 of the token, hex. */
  tokenHash: string
  /** Whose it is, and where that company was; null if the address does not say. */
  hint: Place | null
}

/** `<token>.ics`; where several databases are bound, `2.<company>.<token>.ics` for one made in `DB_2`, and 1 for `DB`. */
export function calendarFile(
  { at, isAlone }: Pick<Database, 'at' | 'isAlone'>,
  companyId: string,
  token: string,
) {
  const number = at === DIRECTORY ? '1' : at.slice('DB_'.length)
  return isAlone ? `${token}.ics` : `${number}.${companyId}.${token}.ics`
}

// The number and the company, if they are there, and the token.
const FILE = /^(?:(\d+)\.([0-9a-f]{24})\.)?([^.]+)\.ics$/

/** What the file's name tells; null for one that no calendar has. */
export async function readCalendarFile(name: string): Promise<CalendarAddress | null> {
  const [, number, companyId, token = ''] = FILE.exec(name) ?? []
  const tokenHash = await hashOfAddress(token)
  if (tokenHash === null) return null
  if (number === undefined || companyId === undefined) return { tokenHash, hint: null }
  const database = number === '1' ? DIRECTORY : `DB_${number}`
  return isDatabaseName(database) ? { tokenHash, hint: { companyId, database } } : null
}
