/** Reads and writes a company's users in D1. */
import { and, count, desc, eq, getTableColumns, isNotNull, type SQL, sql } from 'drizzle-orm'
import { allOf, changedMembers, isAtRevision, type RowOf } from '../db/rows.ts'
import type { Role } from '../db/enums.ts'
import { calendars, users } from '../db/schema.ts'
import { knownAddress } from '../directory/store.ts'
import type { Database } from '../platform/database.ts'
import { ROW_BYTES } from '../platform/limits.ts'
import type { Slice } from '../platform/schemas.ts'
import { byteLengthOf, emailKeyOf, fold } from '../platform/text.ts'
import type { Statement } from '../platform/write.ts'

const {
  emailKey: _emailKey,
  nameFolded: _nameFolded,
  updatedAt: _updatedAt,
  ...USER
} = getTableColumns(users)

/** The columns of a StoredUser. */
export const USER_COLUMNS = USER

export type StoredUser = RowOf<typeof USER>

export function userById(database: Database, companyId: string, userId: string) {
  return database
    .select(USER)
    .from(users)
    .where(and(eq(users.id, userId), eq(users.companyId, companyId)))
}

/** The user with that address in this database, in any company; and if it is `DB`, also the one who has it elsewhere. */
export function addressOwners(database: Database, emailKey: string) {
  return [
    database.select({ id: users.id }).from(users).where(eq(users.emailKey, emailKey)),
    knownAddress(database, emailKey),
  ] as const
}

export interface UserFilter {
  q?: string | undefined
  role?: Role | undefined
  active?: boolean | undefined
}

/** The total and a page of the company's users who match the filter, newest first. */
export function userPage(database: Database, companyId: string, filter: UserFilter, { from, limit }: Slice) {
  const q = fold(filter.q ?? '')
  const found = and(
    eq(users.companyId, companyId),
    filter.role === undefined ? undefined : eq(users.role, filter.role),
    filter.active === undefined ? undefined : eq(users.active, filter.active),
    q === '' ? undefined : sql`(instr(${users.nameFolded}, ${q}) > 0 OR instr(${users.emailKey}, ${q}) > 0)`,
  )
  return [
    database.select({ total: count() }).from(users).where(found),
    database
      .select(USER)
      .from(users)
      .where(found)
      .orderBy(desc(users.createdAt), desc(users.id))
      .limit(limit)
      .offset(from),
  ] as const
}

/** Bytes that a user adds to the company's `stored_bytes`. */
export function userBytes({ email, name }: Pick<StoredUser, 'email' | 'name'>): number {
  return ROW_BYTES + byteLengthOf(email) + byteLengthOf(name)
}

export function insertUser(database: Database, user: StoredUser): Statement {
  return database.insert(users).values({
    ...user,
    emailKey: emailKeyOf(user.email),
    nameFolded: fold(user.name),
    updatedAt: user.createdAt,
  })
}

/** Updates a stored user from `before` to `after`; writes only columns that changed. */
export function updateUser(
  database: Database,
  before: StoredUser,
  after: StoredUser,
  now: number,
): Statement {
  return database
    .update(users)
    .set({
      ...changedMembers(before, after),
      nameFolded: fold(after.name),
      updatedAt: now,
      revision: sql`${users.revision} + 1`,
    })
    .where(eq(users.id, after.id))
}

/** Puts a name and an address that tell nothing in place of a person's. */
export function eraseUser(database: Database, erased: StoredUser, now: number): Statement {
  const { id, name, email, erasedAt } = erased
  return database
    .update(users)
    .set({
      ...{ name, email, erasedAt, nameFolded: fold(name), emailKey: emailKeyOf(email) },
      ...{ updatedAt: now, revision: sql`${users.revision} + 1` },
    })
    .where(eq(users.id, id))
}

/** Has the company's former users, whose names were erased, called by another name: that in the company's new language. */
export function renameErased(database: Database, companyId: string, name: string, now: number): Statement {
  return database
    .update(users)
    .set({ name, nameFolded: fold(name), updatedAt: now, revision: sql`${users.revision} + 1` })
    .where(and(eq(users.companyId, companyId), isNotNull(users.erasedAt)))
}

/** Ends the secret address of the user's calendar. */
export function endCalendar(database: Database, userId: string): Statement {
  return database.delete(calendars).where(eq(calendars.userId, userId))
}

/** Holds while the user has not been written since it was loaded. */
export function userIsUnchanged(user: StoredUser): SQL {
  return isAtRevision(users, user)
}

/** Condition on `users`: an active ADMIN of the company other than this user. */
function isOtherAdmin(companyId: string, userId: string): SQL {
  return allOf([
    eq(users.companyId, companyId),
    eq(users.role, 'ADMIN'),
    eq(users.active, true),
    sql`${users.id} <> ${userId}`,
  ])
}

/** Holds while this ADMIN is unchanged and the company has another active ADMIN. */
export function mayStepDown(user: StoredUser): SQL {
  const isOther = isOtherAdmin(user.companyId, user.id)
  return sql`${userIsUnchanged(user)} AND EXISTS (SELECT 1 FROM ${users} WHERE ${isOther})`
}

export function countOtherAdmins(database: Database, companyId: string, userId: string) {
  return database.select({ admins: count() }).from(users).where(isOtherAdmin(companyId, userId))
}
