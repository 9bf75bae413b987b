/** Requests, reads and ends exports in D1. */
import { and, count, desc, eq, getTableColumns, inArray, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import { isActiveManager, planIsReadableBy } from '../access/store.ts'
import { type RowOf, select, selectRaw } from '../db/rows.ts'
import {
  companies,
  exportActions,
  exportFiles,
  exportHierarchies,
  exportPlans,
  exports,
  hierarchies,
  plans,
  users,
} from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import type { Slice } from '../platform/schemas.ts'
import type { Statement } from '../platform/write.ts'
import { announceExports } from '../webhooks/fan-out-store.ts'
import { type Failure, failureOf } from './failures.ts'
import { type Frozen, readFrozen } from './frozen-store.ts'

const EXPORT = {
  ...getTableColumns(exports),
  /** Facts of what is frozen; null before. */
  frozen: sql<Frozen>`${exports.frozen}`.mapWith(readFrozen),
}

const FILE = {
  exportId: exportFiles.exportId,
  position: exportFiles.position,
  name: exportFiles.name,
  bytes: exportFiles.bytes,
  sha256: exportFiles.sha256,
}

export type StoredExport = Omit<RowOf<typeof EXPORT>, 'frozen'> & { frozen: Frozen | null }
export type StoredFile = Omit<RowOf<typeof FILE>, 'exportId'>

const HOUR = 3600 * 1000

/** After this time an export is given up, because the mail provider drops duplicate mails only for 24 h. */
export const GIVE_UP_AFTER_MILLISECONDS = 20 * HOUR

const PLAN_TO_EXPORT = {
  id: plans.id,
  title: plans.title,
  visibility: plans.visibility,
  createdBy: plans.createdBy,
}

export function planToExport(database: Database, companyId: string, planId: string) {
  return database
    .select(PLAN_TO_EXPORT)
    .from(plans)
    .where(and(eq(plans.id, planId), eq(plans.companyId, companyId)))
}

const ADDRESSEE = {
  language: users.language,
  companyName: companies.name,
  companyLanguage: companies.language,
}

/** What the mails about an export show of its requester's company, and the languages to choose from. */
export function addresseeOf(database: Database, userId: string) {
  return select(database, ADDRESSEE)
    .from(users)
    .innerJoin(companies, eq(companies.id, users.companyId))
    .where(eq(users.id, userId))
}

/** Whether the company has the area and the user of a filter; a member that it has not is false. */
export function filteredBy(
  database: Database,
  companyId: string,
  {
    hierarchyId = '',
    assigneeId = '',
  }: { hierarchyId?: string | undefined; assigneeId?: string | undefined },
) {
  const has = (table: typeof users | typeof hierarchies, id: string) =>
    sql<boolean>`EXISTS (SELECT 1 FROM ${table} WHERE ${eq(table.id, id)} AND +${table.companyId} = ${companyId})`.mapWith(
      Boolean,
    )
  const known = { area: has(hierarchies, hierarchyId), user: has(users, assigneeId) }
  return selectRaw(database, known, (columns) => sql`SELECT ${columns}`)
}

/** Holds while the user may still read the plan. */
export function planIsReadable(planId: string, userId: string): SQL {
  return sql`EXISTS (SELECT 1 FROM ${plans} WHERE ${eq(plans.id, planId)} AND ${planIsReadableBy(userId)})`
}

export function insertExport(
  database: Database,
  request: Pick<
    StoredExport,
    | 'id'
    | 'companyId'
    | 'kind'
    | 'planId'
    | 'planTitle'
    | 'filter'
    | 'requestedBy'
    | 'requesterName'
    | 'companyName'
    | 'locale'
    | 'requestedAt'
  >,
): Statement {
  const { companyId, requestedAt } = request
  return database.insert(exports).values({
    ...request,
    ...{ status: 'QUEUED', nextAttemptAt: requestedAt },
    accentColor: sql`(SELECT ${companies.accentColor} FROM ${companies} WHERE ${eq(companies.id, companyId)})`,
  })
}

/** The export with that id in the company, and its files in order. */
export function exportById(database: Database, companyId: string, exportId: string) {
  return [
    select(database, EXPORT)
      .from(exports)
      .where(and(eq(exports.id, exportId), eq(exports.companyId, companyId))),
    database
      .select(FILE)
      .from(exportFiles)
      .where(eq(exportFiles.exportId, exportId))
      .orderBy(exportFiles.position),
  ] as const
}

/** The total and a page of a user's exports, newest first, and the files of the page. */
export function exportPage(database: Database, userId: string, { from, limit }: Slice) {
  const page = database
    .select({ id: exports.id })
    .from(exports)
    .where(eq(exports.requestedBy, userId))
    .orderBy(desc(exports.requestedAt), desc(exports.id))
    .limit(limit)
    .offset(from)
  const onPage = sql`(SELECT id FROM ${page})`
  return [
    database.select({ total: count() }).from(exports).where(eq(exports.requestedBy, userId)),
    select(database, EXPORT)
      .from(exports)
      .where(inArray(exports.id, onPage))
      .orderBy(desc(exports.requestedAt), desc(exports.id)),
    database
      .select(FILE)
      .from(exportFiles)
      .where(inArray(exportFiles.exportId, onPage))
      .orderBy(exportFiles.position),
  ] as const
}

/** Condition on a row of `exports`: of all plans, of which each manager may export what he or she may read. */
export const isPortfolio = sql`${exports.kind} = 'PORTFOLIO'`

/**
 * Conditions on a row of `exports` joined with its requester in `users`: the plan exists; the requester may read it.
 */
export const planIsThere = sql`(${isPortfolio} OR EXISTS (SELECT 1 FROM ${plans} WHERE ${eq(plans.id, exports.planId)}))`
export const planMayBeRead = sql`(${isPortfolio} OR EXISTS (SELECT 1 FROM ${plans}
  WHERE ${eq(plans.id, exports.planId)} AND ${planIsReadableBy(users.id)}))`

const REQUESTER = {
  email: users.email,
  mayExport: sql<boolean>`${isActiveManager()}`.mapWith(Boolean),
  planExists: sql<boolean>`${planIsThere}`.mapWith(Boolean),
  mayRead: sql<boolean>`${planMayBeRead}`.mapWith(Boolean),
}

/** The requester of an export and his or her present rights. */
export type Requester = RowOf<typeof REQUESTER>

/** The requester of an export; no row if the user no longer exists. */
export function requesterOf(database: Database, exportId: string) {
  return select(database, REQUESTER)
    .from(exports)
    .innerJoin(users, eq(users.id, exports.requestedBy))
    .where(eq(exports.id, exportId))
}

/** With `if-entitled`, a mail about the failure is owed if the requester is active and may still read the plan. */
export type FailureMail = 'none' | 'if-entitled'

/** The value of `failure_mail` for a row of `exports`: OWED if its requester is entitled to a mail, else null. */
export const owedIfEntitled = sql<'OWED' | null>`(SELECT 'OWED' FROM ${users}
  WHERE ${eq(users.id, exports.requestedBy)} AND ${isActiveManager()} AND ${planMayBeRead})`

/** The new values of an export that fails. */
export function failedColumns({ code, detail }: Failure, now: number) {
  return {
    status: 'FAILED',
    failureCode: code,
    failureDetail: detail,
    finishedAt: now,
    revision: sql`${exports.revision} + 1`,
  } as const
}

/**
 * Ends an export with a failure unless it has ended already or another consumer holds it. Files are dropped unless all
 * volumes were stored. The second statement returns the deliveries to webhooks.
 * @param ownLease the caller's lease, which stays so that the caller can mail the failure; without one the export
 * becomes due at once
 */
export function failExport(
  database: Database,
  exportId: string,
  { failure, mail, now, ownLease }: { failure: Failure; mail: FailureMail; now: number; ownLease?: number },
) {
  return [
    database
      .update(exports)
      .set({
        ...failedColumns(failure, now),
        failureMail: mail === 'none' ? null : owedIfEntitled,
        silentTries: 0,
        // Files that name somebody who was erased are deleted by the erasure.
        ...(failure.code === 'PERSON_ERASED' ? { expiresAt: null } : {}),
        ...(ownLease === undefined ? { leaseUntil: null, nextAttemptAt: now } : {}),
      })
      .where(
        and(
          eq(exports.id, exportId),
          inArray(exports.status, ['QUEUED', 'BUILDING', 'STORED']),
          or(
            isNull(exports.leaseUntil),
            lte(exports.leaseUntil, now),
            ownLease === undefined ? undefined : eq(exports.leaseUntil, ownLease),
          ),
        ),
      ),
    announceExports(database, eq(exports.id, exportId), 'export.failed', now),
    ...dropUnfinished(database, eq(exports.id, exportId)),
  ] as const
}

/** Ends, without a mail, the exports without stored files of a plan that is about to be deleted. */
export function endExportsOfPlan(database: Database, planId: string, now: number): Statement[] {
  return [
    database
      .update(exports)
      .set(failedColumns(failureOf('PLAN_DELETED'), now))
      .where(and(eq(exports.planId, planId), inArray(exports.status, ['QUEUED', 'BUILDING']))),
    announceExports(database, eq(exports.planId, planId), 'export.failed', now),
    ...dropUnfinished(database, eq(exports.planId, planId)),
  ]
}

/**
 * Drops the frozen copies of the failed ones among these exports, and their file rows unless all volumes were stored.
 */
export function dropUnfinished(database: Database, condition: SQL): Statement[] {
  const failed = and(condition, eq(exports.status, 'FAILED'))
  const unstored = database
    .select({ id: exports.id })
    .from(exports)
    .where(and(failed, sql`${exports.expiresAt} IS NULL`))
  return [
    ...dropCopies(database, failed),
    database.delete(exportFiles).where(inArray(exportFiles.exportId, unstored)),
  ]
}

/** Drops the frozen copies of these exports; foreign keys delete the notes with their actions. */
export function dropCopies(database: Database, condition: SQL | undefined): Statement[] {
  const ids = database.select({ id: exports.id }).from(exports).where(condition)
  return [
    database.delete(exportActions).where(inArray(exportActions.exportId, ids)),
    database.delete(exportPlans).where(inArray(exportPlans.exportId, ids)),
    database.delete(exportHierarchies).where(inArray(exportHierarchies.exportId, ids)),
  ]
}

/**
 * Marks an export as SENT after the provider accepted its mail, even if it was given up as MAIL_UNDELIVERABLE
 * meanwhile. The second statement returns the deliveries to webhooks.
 */
export function markSent(database: Database, exportId: string, now: number) {
  return [
    database
      .update(exports)
      .set({
        status: 'SENT',
        finishedAt: now,
        leaseUntil: null,
        failureCode: null,
        failureDetail: null,
        revision: sql`${exports.revision} + 1`,
      })
      .where(
        and(
          eq(exports.id, exportId),
          sql`(${eq(exports.status, 'STORED')}
            OR (${eq(exports.status, 'FAILED')} AND ${eq(exports.failureCode, 'MAIL_UNDELIVERABLE')}))`,
        ),
      ),
    announceExports(database, eq(exports.id, exportId), 'export.sent', now),
  ] as const
}

/**
 * Records that the mail about a failure was handed over or refused for good (SENT), or that nobody is to get it (null).
 */
export function settleFailureMail(database: Database, exportId: string, outcome: 'SENT' | null): Statement {
  return database
    .update(exports)
    .set({ failureMail: outcome, leaseUntil: null })
    .where(and(eq(exports.id, exportId), eq(exports.failureMail, 'OWED')))
}
