/**
 * The directory in D1: where companies are, and whose e-mail addresses are. It is in `DB`; of what is in `DB` itself, the
 * tables of companies and users are the directory. docs/decisions/many-databases.md.
 */
import { and, eq, isNotNull, lte, type SQL, sql } from 'drizzle-orm'
import { insertSelectReturning, isOneOf, select } from '../db/rows.ts'
import { addresses, companyPlaces, signInCodes, users } from '../db/schema.ts'
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

/** Condition on a row of `addresses`: it names this user's address. */
function isOfUser({ emailKey, companyId, userId }: Address): SQL | undefined {
  return and(
    eq(addresses.emailKey, emailKey),
    eq(addresses.companyId, companyId),
    eq(addresses.userId, userId),
  )
}

/** The columns of `addresses` that make an `Address`. */
const ADDRESS = { emailKey: addresses.emailKey, companyId: addresses.companyId, userId: addresses.userId }

/** What this database says of where the company is; no row if it is in the database to stay, or unknown there. */
export function placeOf(database: Database, companyId: string) {
  return select(database, { database: companyPlaces.database, state: companyPlaces.state })
    .from(companyPlaces)
    .where(eq(companyPlaces.companyId, companyId))
}

/**
 * Where the user with the address is: the first row that there is of both queries, no row if nobody has the address. While the
 * company is on its way to `DB` or from it, the other end, which has it wait as well.
 */
export function homesOfAddress(directory: Database, emailKey: string) {
  return [
    select(directory, { companyId: companyPlaces.companyId, database: companyPlaces.database })
      .from(addresses)
      .innerJoin(companyPlaces, eq(companyPlaces.companyId, addresses.companyId))
      .where(eq(addresses.emailKey, emailKey)),
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

/** Whether somebody has the address elsewhere, or has reserved it: no row or one. */
export function knownAddress(directory: Database, emailKey: string) {
  return select(directory, { userId: addresses.userId })
    .from(addresses)
    .where(eq(addresses.emailKey, emailKey))
}

/** Gives up what was reserved for that user and no other, unless it is in use. */
export function cancelReservation(directory: Database, address: Address): Statement {
  return directory.delete(addresses).where(and(isOfUser(address), isNotNull(addresses.settleAt)))
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

/** Frees an address whose use is in doubt, unless it was reserved again since it was due. */
export function freeAddress(directory: Database, { emailKey, companyId }: Address, now: number): Statement {
  return directory
    .delete(addresses)
    .where(
      and(
        eq(addresses.emailKey, emailKey),
        eq(addresses.companyId, companyId),
        isNotNull(addresses.settleAt),
        lte(addresses.settleAt, now),
      ),
    )
}

/**
 * Frees the address of a user who has lost it, and deletes the sign-in codes that were asked for while nobody had it.
 * @param emailHash that of the sign-in codes
 */
export function releaseAddress(
  directory: Database,
  address: Address,
  emailHash: string,
): [Statement, Statement] {
  return [
    directory.delete(addresses).where(isOfUser(address)),
    directory.delete(signInCodes).where(eq(signInCodes.emailHash, emailHash)),
  ]
}

/**
 * Records, in the database in which the user loses the address, that it is to be released in `DB`. Must be in the batch in
 * which that happens.
 */
export function oweRelease(home: Database, address: Address, now: number): Statement {
  const { companyId, userId } = address
  return home
    .insert(addresses)
    .values({ ...address, settleAt: now })
    .onConflictDoUpdate({ target: addresses.emailKey, set: { companyId, userId, settleAt: now } })
}

/** Records that the address was released. */
export function settleRelease(home: Database, { emailKey, userId }: Address): Statement {
  return home.delete(addresses).where(and(eq(addresses.emailKey, emailKey), eq(addresses.userId, userId)))
}

/** Addresses that are to be released; the oldest first. */
export function owedReleases(home: Database, now: number) {
  const { settleAt } = addresses
  return select(home, ADDRESS)
    .from(addresses)
    .where(and(isNotNull(settleAt), lte(settleAt, now)))
    .orderBy(settleAt)
    .limit(SETTLED_PER_SWEEP)
}

/** Of a user who is not in `DB`: the address that is to be released; no row or one. */
export function owedReleaseOf(home: Database, { companyId, userId }: Pick<Address, 'companyId' | 'userId'>) {
  const isTheirs = and(eq(addresses.companyId, companyId), eq(addresses.userId, userId))
  return select(home, ADDRESS)
    .from(addresses)
    .where(and(isTheirs, isNotNull(addresses.settleAt)))
}

/**
 * Addresses that are to be settled, with the databases that know, the longest due first. Those of companies that `DB` itself is
 * sending or receiving are left for later.
 */
export function addressesToSettle(directory: Database, now: number) {
  return select(directory, {
    ...ADDRESS,
    database: sql<DatabaseName>`coalesce(${companyPlaces.database}, 'DB')`,
  })
    .from(addresses)
    .leftJoin(companyPlaces, eq(companyPlaces.companyId, addresses.companyId))
    .where(
      and(
        isNotNull(addresses.settleAt),
        lte(addresses.settleAt, now),
        sql`coalesce(${companyPlaces.state}, 'ELSEWHERE') = 'ELSEWHERE'`,
      ),
    )
    .orderBy(addresses.settleAt)
    .limit(SETTLED_PER_SWEEP)
}

/** Who has these addresses in this database; and which of the companies are not there to stay, so that others may know better. */
export function usersWithAddresses(
  database: Database,
  emailKeys: readonly string[],
  companyIds: readonly string[],
) {
  return [
    select(database, { emailKey: users.emailKey, companyId: users.companyId, userId: users.id })
      .from(users)
      .where(isOneOf(users.emailKey, emailKeys)),
    select(database, { companyId: companyPlaces.companyId })
      .from(companyPlaces)
      .where(isOneOf(companyPlaces.companyId, companyIds)),
  ] as const
}
