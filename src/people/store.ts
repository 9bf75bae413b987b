/** The company and its users in D1. */
import { eq, type SQL, sql } from 'drizzle-orm'
import type { Role } from '../db/enums.ts'
import { companies, users } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import { ROW_BYTES } from '../platform/limits.ts'
import type { Slice } from '../platform/schemas.ts'
import { byteLengthOf, emailKeyOf, fold } from '../platform/text.ts'
import type { Statement } from '../platform/write.ts'

export interface CompanyRow {
  id: string
  name: string
  time_zone: string
  revision: number
}

export interface UserRow {
  id: string
  company_id: string
  email: string
  name: string
  role: Role
  active: number
  reminders: number
  revision: number
  created_at: number
}

export const userColumns = sql.raw(
  'u.id, u.company_id, u.email, u.name, u.role, u.active, u.reminders, u.revision, u.created_at',
)

export function companyById(database: Database, companyId: string) {
  return database.all<CompanyRow>(
    sql`SELECT id, name, time_zone, revision FROM companies WHERE id = ${companyId}`,
  )
}

export function updateCompany(database: Database, before: CompanyRow, after: CompanyRow, now: number) {
  return {
    condition: sql`EXISTS (SELECT 1 FROM companies WHERE id = ${before.id} AND revision = ${before.revision})`,
    effect: database
      .update(companies)
      .set({ name: after.name, timeZone: after.time_zone, updatedAt: now, revision: before.revision + 1 })
      .where(eq(companies.id, before.id)),
  }
}

export function userById(database: Database, companyId: string, userId: string) {
  return database.all<UserRow>(
    sql`SELECT ${userColumns} FROM users u WHERE u.id = ${userId} AND u.company_id = ${companyId}`,
  )
}

/** Whoever has that address, in whichever company: addresses are unique over the whole installation. */
export function addressOwner(database: Database, email: string) {
  return database.all<{ id: string }>(sql`SELECT id FROM users WHERE email_key = ${emailKeyOf(email)}`)
}

export interface UserFilter {
  q?: string | undefined
  role?: Role | undefined
  active?: boolean | undefined
}

/** A page of the company's users, newest first, and how many match. */
export function userPage(database: Database, companyId: string, filter: UserFilter, { from, limit }: Slice) {
  const q = fold(filter.q ?? '')
  const conditions = [
    sql`u.company_id = ${companyId}`,
    ...(filter.role === undefined ? [] : [sql`u.role = ${filter.role}`]),
    ...(filter.active === undefined ? [] : [sql`u.active = ${Number(filter.active)}`]),
    ...(q === '' ? [] : [sql`(instr(u.name_folded, ${q}) > 0 OR instr(u.email_key, ${q}) > 0)`]),
  ]
  const found = sql`FROM users u WHERE ${sql.join(conditions, sql` AND `)}`
  return [
    database.all<{ total: number }>(sql`SELECT count(*) AS total ${found}`),
    database.all<UserRow>(
      sql`SELECT ${userColumns} ${found} ORDER BY u.created_at DESC, u.id DESC LIMIT ${limit} OFFSET ${from}`,
    ),
  ] as const
}

/** Bytes that a user adds to what the company keeps. */
export function userBytes({ email, name }: Pick<UserRow, 'email' | 'name'>): number {
  return ROW_BYTES + byteLengthOf(email) + byteLengthOf(name)
}

export function insertUser(database: Database, user: UserRow): Statement {
  return database.insert(users).values({
    id: user.id,
    companyId: user.company_id,
    email: user.email,
    emailKey: emailKeyOf(user.email),
    name: user.name,
    nameFolded: fold(user.name),
    role: user.role,
    active: user.active === 1,
    reminders: user.reminders === 1,
    createdAt: user.created_at,
    updatedAt: user.created_at,
  })
}

export function updateUser(database: Database, user: UserRow, now: number): Statement {
  return database
    .update(users)
    .set({
      name: user.name,
      nameFolded: fold(user.name),
      role: user.role,
      active: user.active === 1,
      reminders: user.reminders === 1,
      updatedAt: now,
      revision: sql`${users.revision} + 1`,
    })
    .where(eq(users.id, user.id))
}

/** Holds while nobody has written the user. */
export function userIsUnchanged({ id, revision }: UserRow): SQL {
  return sql`EXISTS (SELECT 1 FROM users WHERE id = ${id} AND revision = ${revision})`
}

/** Holds while nobody has written this ADMIN and the company has another active one. */
export function mayStepDown(user: UserRow): SQL {
  return sql`${userIsUnchanged(user)} AND EXISTS (SELECT 1 FROM users
    WHERE company_id = ${user.company_id} AND role = 'ADMIN' AND active = 1 AND id <> ${user.id})`
}

export function countOtherAdmins(database: Database, companyId: string, userId: string) {
  return database.all<{ admins: number }>(sql`SELECT count(*) AS admins FROM users
    WHERE company_id = ${companyId} AND role = 'ADMIN' AND active = 1 AND id <> ${userId}`)
}
