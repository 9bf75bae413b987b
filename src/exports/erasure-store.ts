/** What becomes of exports when a user is erased: the own ones go, and so do files that name the user. */
import { and, eq, inArray, ne, or, type SQL, sql } from 'drizzle-orm'
import { allOf, isOneOf, select } from '../db/rows.ts'
import { exportFiles, exports, users } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'
import { announceExports } from '../webhooks/fan-out-store.ts'
import { failureOf } from './failures.ts'
import { isNotMailed } from './lease-store.ts'
import { dropCopies, dropUnfinished, failedColumns, owedIfEntitled } from './store.ts'

interface Person {
  companyId: string
  userId: string
}

/** Files that expired then are deleted by the next run of the sweep, and their rows by the one after. */
const LONG_AGO = 0
/** Files beyond this number are left to the sweep. */
const MOST_FILES = 5000

const ofCompany = (companyId: string) =>
  sql`${exports.requestedBy} IN (SELECT ${users.id} FROM ${users} WHERE ${eq(users.companyId, companyId)})`

/**
 * Condition: an export of somebody else with something left that names the user: a frozen copy, or files. Of rows from older
 * versions nobody knows whom they name, so all count.
 */
function namesPerson({ companyId, userId }: Person): SQL {
  return allOf([
    ofCompany(companyId),
    ne(exports.requestedBy, userId),
    sql`(${exports.people} IS NULL OR instr(${exports.people}, ${`"${userId}"`}) > 0)`,
    sql`(${exports.frozen} IS NOT NULL
      OR (${exports.expiresAt} IS NOT NULL AND ${ne(exports.status, 'EXPIRED')}))`,
  ])
}

const ERASED_FILE = {
  id: exports.id,
  isOwn: sql<boolean>`false`.mapWith(Boolean),
  /** When the files are deleted; null if the export has not all its files. */
  expiresAt: exports.expiresAt,
  /** null for an export without files. */
  name: sql<string | null>`${exportFiles.name}`,
}

/** A file of an export that an erasure ends. */
export interface ErasedFile {
  id: string
  isOwn: boolean
  expiresAt: number | null
  name: string | null
}

/** The files of the exports that `endExports` ends, or has ended. */
export function filesToErase(database: Database, person: Person) {
  return select(database, {
    ...ERASED_FILE,
    isOwn: sql<boolean>`${eq(exports.requestedBy, person.userId)}`.mapWith(Boolean),
  })
    .from(exports)
    .leftJoin(exportFiles, eq(exportFiles.exportId, exports.id))
    .where(or(eq(exports.requestedBy, person.userId), namesPerson(person)))
    .limit(MOST_FILES)
}

/**
 * Ends a user's exports, and what others' exports hold that names the user: the frozen copies go, and files are over as of
 * now. An export that was not finished has failed, and its requester is told. Who works on it loses the lease; only who is
 * mailing its links keeps it, since a mail that is under way arrives, and so the export was sent before it ended.
 */
export function endExports(database: Database, person: Person, now: number): Statement[] {
  const isOwn = eq(exports.requestedBy, person.userId)
  const failed = {
    ...failedColumns(failureOf('PERSON_ERASED'), now),
    ...{ frozen: null, leaseUntil: null, waitingSince: null, nextAttemptAt: now },
  }
  const isFailedNow = allOf([
    ofCompany(person.companyId),
    eq(exports.failureCode, failed.failureCode),
    eq(exports.finishedAt, now),
  ])
  const isUnfinished = inArray(exports.status, ['QUEUED', 'BUILDING', 'STORED'])
  return [
    database
      .update(exports)
      .set({ ...failed, requesterName: null, failureMail: null, expiresAt: LONG_AGO })
      .where(isOwn),
    ...dropCopies(database, isOwn),
    database
      .update(exports)
      .set({ ...failed, expiresAt: null, failureMail: owedIfEntitled })
      .where(allOf([namesPerson(person), isUnfinished, isNotMailed(now)])),
    database
      .update(exports)
      .set({
        frozen: null,
        expiresAt: sql`min(${exports.expiresAt}, ${now})`,
        revision: sql`${exports.revision} + 1`,
      })
      .where(namesPerson(person)),
    announceExports(database, isFailedNow, 'export.failed', now),
    ...dropUnfinished(database, isFailedNow),
  ]
}

/** Deletes those of these exports that belong to the user; must run after their files are deleted. */
export function deleteExports(database: Database, userId: string, ids: readonly string[]): Statement {
  return database.delete(exports).where(and(isOneOf(exports.id, ids), eq(exports.requestedBy, userId)))
}
