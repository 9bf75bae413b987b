/**
 * The directory in D1: where companies are, and whose e-mail addresses are. It is in `DB`; of what is in `DB` itself, the
 * tables of companies and users are the directory. docs/decisions/many-databases.md.
 */
import { and, eq, isNotNull, lte, type SQL, sql } from 'drizzle-orm'
import { insertSelectReturning, isOneOf, select } from '../db/rows.ts'
import { addresses, companyPlaces, users } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import type { DatabaseName } from '../platform/place.ts'
import type { Statement } from '../platform/write.ts'

const SETTLE_AFTER_MILLISECONDS = 5 * 60 * 1000
const SETTLED_PER_SWEEP = 100

/** Whose an address is, as the directory keeps it for users who are not in `DB`. */
export interface Address {
  emailKey: string
  companyId: string
  userId: string
}

/** What this database says of where the company is; no row if it says nothing. */
export function forwardingOf(database: Database, companyId: string) {
  return select(database, { database: companyPlaces.database, state: companyPlaces.state })
    .from(companyPlaces)
    .where(eq(companyPlaces.companyId, companyId))
}

/** Where the user with the address is: the first row that there is of both queries, no row if nobody has the address. */
export function homesOfAddress(directory: Database, emailKey: string) {
  return [
    select(directory, { companyId: companyPlaces.companyId, database: companyPlaces.database })
      .from(addresses)
      .innerJoin(companyPlaces, eq(companyPlaces.companyId, addresses.companyId))
      .where(and(eq(addresses.emailKey, emailKey), eq(companyPlaces.state, 'ELSEWHERE'))),
    select(directory, { companyId: users.companyId, database: sql<DatabaseName>`'DB'` })
      .from(users)
      .where(eq(users.emailKey, emailKey)),
  ] as const
}

/** Condition of a write in `DB`: nobody in another database has the address. */
export function isFreeElsewhere(emailKey: string): SQL {
  return sql`NOT EXISTS (SELECT 1 FROM ${addresses} WHERE ${eq(addresses.emailKey, emailKey)})`
}

/**
 * Reserves an address for a user who is to be in another database; returns no row if it is somebody's. One that the same
 * company has reserved and not used so far is taken over, since that creation may have been cut off. The sweep settles what
 * is not confirmed.
 */
export function reserveAddress(directory: Database, address: Address, now: number) {
  const settleAt = now + SETTLE_AFTER_MILLISECONDS
  const { emailKey, companyId, userId } = address
  const isUnused = sql`${addresses.companyId} = ${companyId} AND ${addresses.settleAt} IS NOT NULL`
  return insertSelectReturning(
    directory,
    addresses,
    { emailKey, companyId, userId, settleAt },
    sql`FROM (SELECT 1) WHERE NOT EXISTS (SELECT 1 FROM ${users} WHERE ${eq(users.emailKey, emailKey)})
      ON CONFLICT (email_key) DO UPDATE SET user_id = ${userId}, settle_at = ${settleAt} WHERE ${isUnused}`,
    { userId: addresses.userId },
  )
}

/** Records that the address is in use by the user. */
export function confirmAddress(directory: Database, address: Address): Statement {
  const { userId } = address
  return directory
    .insert(addresses)
    .values({ ...address, settleAt: null })
    .onConflictDoUpdate({
      target: addresses.emailKey,
      set: { userId, settleAt: null },
      setWhere: eq(addresses.companyId, address.companyId),
    })
}

/** Has the sweep look whether the user still has the address, before the user may lose it. */
export function doubtAddress(directory: Database, { emailKey, companyId }: Address, now: number): Statement {
  return directory
    .update(addresses)
    .set({ settleAt: now + SETTLE_AFTER_MILLISECONDS })
    .where(and(eq(addresses.emailKey, emailKey), eq(addresses.companyId, companyId)))
}

/** Frees an address whose use is in doubt. */
export function freeAddress(directory: Database, { emailKey, companyId }: Address): Statement {
  return directory
    .delete(addresses)
    .where(
      and(
        eq(addresses.emailKey, emailKey),
        eq(addresses.companyId, companyId),
        isNotNull(addresses.settleAt),
      ),
    )
}

/** Addresses that are to be settled, with the databases that know; the longest due first. */
export function addressesToSettle(directory: Database, now: number) {
  return select(directory, {
    emailKey: addresses.emailKey,
    companyId: addresses.companyId,
    userId: addresses.userId,
    database: sql<DatabaseName>`coalesce(${companyPlaces.database}, 'DB')`,
  })
    .from(addresses)
    .leftJoin(companyPlaces, eq(companyPlaces.companyId, addresses.companyId))
    .where(and(isNotNull(addresses.settleAt), lte(addresses.settleAt, now)))
    .orderBy(addresses.settleAt)
    .limit(SETTLED_PER_SWEEP)
}

/** Who has these addresses in this database. */
export function usersWithAddresses(database: Database, emailKeys: readonly string[]) {
  return select(database, { emailKey: users.emailKey, companyId: users.companyId, userId: users.id })
    .from(users)
    .where(isOneOf(users.emailKey, emailKeys))
}
