/**
 * The last part of a calendar's address: its secret token, after the number of the database in which it was made. The number is a
 * hint of where to look first: a company may have moved since then, and what was made in `DB` has none.
 */
import { type DatabaseName, DIRECTORY, isDatabaseName } from '../platform/place.ts'
import { hashOfAddress } from '../platform/token.ts'

/** What a presented address tells. */
export interface CalendarAddress {
  /** SHA-256 of the token, hex. */
  tokenHash: string
  madeIn: DatabaseName
}

/** `<token>.ics`, or `2.<token>.ics` for one made in `DB_2`. */
export function calendarFile(token: string, madeIn: DatabaseName): string {
  const number = madeIn === DIRECTORY ? [] : [madeIn.slice('DB_'.length)]
  return [...number, token, 'ics'].join('.')
}

// The number, if there is one, and the token.
const FILE = /^(?:(\d+)\.)?([^.]+)\.ics$/

/** What the file's name tells; null for one that no calendar has. */
export async function readCalendarFile(name: string): Promise<CalendarAddress | null> {
  const [, number, token = ''] = FILE.exec(name) ?? []
  const madeIn = number === undefined ? DIRECTORY : `DB_${number}`
  const tokenHash = await hashOfAddress(token)
  return tokenHash !== null && isDatabaseName(madeIn) ? { tokenHash, madeIn } : null
}
