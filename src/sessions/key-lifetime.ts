/** How long an access key lives. Pure. */
import type { InputError } from '../platform/problem.ts'
import { parseInstant } from '../platform/time.ts'

const DAY = 24 * 3600 * 1000

export const LIFETIME_DAYS = { usual: 90, most: 366 }

/** The moment at which a key made now ends: the one that was asked for, else the usual one. */
export function expiryOf(asked: string | null | undefined, now: number): number {
  return parseInstant(asked ?? '') ?? now + LIFETIME_DAYS.usual * DAY
}

/** The error for a moment that is over or too far ahead. What is no moment at all is an error of the schema. */
export function expiryErrors(asked: unknown, now: number): InputError[] {
  const expiresAt = typeof asked === 'string' ? parseInstant(asked.trim()) : null
  if (expiresAt === null || (expiresAt > now && expiresAt <= now + LIFETIME_DAYS.most * DAY)) return []
  return [
    {
      path: 'expiresAt',
      message: `must lie in the future, at most ${String(LIFETIME_DAYS.most)} days ahead`,
    },
  ]
}
