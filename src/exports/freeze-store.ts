/**
 * Freezes a plan for an export and reads the frozen copy. No snapshot spans two calls to D1, so what several
 * volumes and several reads must agree on is copied first, in one atomic batch with the claim.
 */
import { and, eq, gt, gte, inArray, isNull, lt, sql } from 'drizzle-orm'
import { actionIsReadableBy, isActiveManager, planIsReadableBy } from '../access/store.ts'
import { insertSelect, isOneOf, jsonObject } from '../db/rows.ts'
import {
  actionHierarchies,
  actions,
  companies,
  exportActions,
  exportFiles,
  exportHierarchies,
  exportNotes,
  exports,
  hierarchies,
  notes,
  plans,
  users,
} from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import { guardRow, type Statement } from '../platform/write.ts'
import { FROZEN_ACTION, FROZEN_DETAIL, FROZEN_NOTE, freezePlan } from './frozen-store.ts'
import { HAS_FREE_SLOT } from './lease-store.ts'
import { dropCopies, type StoredFile } from './store.ts'

/** Of `write_guards`; the API's writes have another. */
const GUARD_ROW = 2

/**
 * Begins to build and, the first time, freezes what the requester may read of the plan. Fails as a guard conflict
 * when the export is no longer this holder's (`lease`), has ended, or the right to it is lost.
 */
export function beginBuild(
  database: Database,
  exportId: string,
  lease: number,
  now: number,
): [Statement, ...Statement[]] {
  const isOpen = inArray(exports.status, ['QUEUED', 'BUILDING'])
  // Nothing more is copied once the copy exists.
  const isUnfrozen = and(eq(exports.id, exportId), isNull(exports.frozen))
  const mayBuild = sql`(SELECT 1 FROM ${exports}
    JOIN ${users} ON ${eq(users.id, exports.requestedBy)} JOIN ${plans} ON ${eq(plans.id, exports.planId)}
    WHERE ${and(eq(exports.id, exportId), isOpen, eq(exports.leaseUntil, lease))}
      AND (${exports.frozen} IS NOT NULL OR ${HAS_FREE_SLOT})
      AND ${isActiveManager()} AND ${planIsReadableBy(users.id)})`
  return [
    guardRow(database, GUARD_ROW, sql`1`, mayBuild),
    insertSelect(
      database,
      exportActions,
      {
        exportId: exports.id,
        position: sql`row_number() OVER (ORDER BY ${actions.createdAt}, ${actions.id}) - 1`,
        actionId: actions.id,
        bytes: sql`${actions.contentBytes} + ${actions.noteBytes}`,
        summary: jsonObject(FROZEN_ACTION),
        detail: jsonObject(FROZEN_DETAIL),
      },
      sql`FROM ${exports} JOIN ${actions} ON ${eq(actions.planId, exports.planId)}
          JOIN ${plans} ON ${eq(plans.id, actions.planId)}
        WHERE ${isUnfrozen} AND ${actionIsReadableBy(exports.requestedBy, actions.id)}`,
    ),
    insertSelect(
      database,
      exportHierarchies,
      { exportId: exports.id, hierarchyId: hierarchies.id, name: hierarchies.name },
      sql`FROM ${exports} JOIN ${hierarchies} ON ${hierarchies.id} IN (
          SELECT ${actionHierarchies.hierarchyId} FROM ${exportActions}
          JOIN ${actionHierarchies} ON ${eq(actionHierarchies.actionId, exportActions.actionId)}
          WHERE ${eq(exportActions.exportId, exportId)})
        WHERE ${isUnfrozen}`,
    ),
    insertSelect(
      database,
      exportNotes,
      {
        exportId: exportActions.exportId,
        position: exportActions.position,
        noteId: notes.id,
        note: jsonObject(FROZEN_NOTE),
      },
      sql`FROM ${exports} JOIN ${exportActions} ON ${eq(exportActions.exportId, exports.id)}
          JOIN ${notes} ON ${eq(notes.actionId, exportActions.actionId)} JOIN ${users} ON ${eq(users.id, notes.authorId)}
        WHERE ${isUnfrozen}`,
    ),
    database
      .update(exports)
      .set({
        progressTotal: sql`(SELECT count(*) FROM ${exportActions} WHERE ${eq(exportActions.exportId, exports.id)})`,
        frozen: sql`(SELECT ${freezePlan(now)} FROM ${plans} JOIN ${companies} ON ${eq(companies.id, plans.companyId)}
          JOIN ${users} ON ${eq(users.id, exports.requestedBy)} WHERE ${eq(plans.id, exports.planId)})`,
      })
      .where(and(isUnfrozen, isOpen)),
    // Whatever ends this build with a word sets the count of silent tries back.
    database
      .update(exports)
      .set({
        status: 'BUILDING',
        silentTries: sql`${exports.silentTries} + 1`,
        revision: sql`${exports.revision} + 1`,
      })
      .where(and(eq(exports.id, exportId), isOpen)),
  ]
}

/** How the frozen copy is made up: an entry per action, oldest first, with what it weighs. */
export function frozenOutline(database: Database, exportId: string) {
  return database
    .select({ position: exportActions.position, bytes: exportActions.bytes })
    .from(exportActions)
    .where(eq(exportActions.exportId, exportId))
    .orderBy(exportActions.position)
}

const HIERARCHIES_AT_ONCE = 1000

/** A portion of the hierarchies' names: those after `after`, in the order of their ids. */
export function frozenHierarchies(database: Database, exportId: string, after: string) {
  return database
    .select({ id: exportHierarchies.hierarchyId, name: exportHierarchies.name })
    .from(exportHierarchies)
    .where(and(eq(exportHierarchies.exportId, exportId), gt(exportHierarchies.hierarchyId, after)))
    .orderBy(exportHierarchies.hierarchyId)
    .limit(HIERARCHIES_AT_ONCE)
}

/** Positions from `first` to `end`, exclusive. */
function inPortion(exportId: string, first: number, end: number) {
  return and(
    eq(exportActions.exportId, exportId),
    gte(exportActions.position, first),
    lt(exportActions.position, end),
  )
}

/** What the Summary shows of a portion. */
export function frozenActions(database: Database, exportId: string, first: number, end: number) {
  return database
    .select({ summary: exportActions.summary })
    .from(exportActions)
    .where(inPortion(exportId, first, end))
    .orderBy(exportActions.position)
}

/** What only the sheets of a portion show, and which notes there are, with their bytes. */
export function frozenDetails(database: Database, exportId: string, first: number, end: number) {
  return [
    database
      .select({ position: exportActions.position, detail: exportActions.detail })
      .from(exportActions)
      .where(inPortion(exportId, first, end))
      .orderBy(exportActions.position),
    database
      .select({
        position: exportNotes.position,
        noteId: exportNotes.noteId,
        bytes: sql<number>`length(CAST(${exportNotes.note} AS BLOB))`,
      })
      .from(exportNotes)
      .where(
        and(
          eq(exportNotes.exportId, exportId),
          gte(exportNotes.position, first),
          lt(exportNotes.position, end),
        ),
      )
      .orderBy(exportNotes.position, sql`${exportNotes.note} ->> 'createdAt'`, exportNotes.noteId),
  ] as const
}

/** The notes of an action with these ids, in no order. */
export function frozenNotes(
  database: Database,
  exportId: string,
  position: number,
  noteIds: readonly string[],
) {
  return database
    .select({ noteId: exportNotes.noteId, note: exportNotes.note })
    .from(exportNotes)
    .where(
      and(
        eq(exportNotes.exportId, exportId),
        eq(exportNotes.position, position),
        isOneOf(exportNotes.noteId, noteIds),
      ),
    )
}

export interface Delivery {
  /** When the files are deleted. */
  expiresAt: number
  linkExpiresAt: number
  linkKeyId: string
}

/**
 * A volume is stored. With the last one (`delivery`) the export is: what every try of the mail must repeat is fixed,
 * and the frozen copy dropped. Nothing, if the export ended meanwhile or is another holder's.
 */
export function recordVolume(
  database: Database,
  exportId: string,
  lease: number,
  file: StoredFile,
  progressDone: number,
  delivery: Delivery | null,
  now: number,
): [Statement, Statement, ...Statement[]] {
  const isMine = and(eq(exports.id, exportId), eq(exports.status, 'BUILDING'), eq(exports.leaseUntil, lease))
  const insert = insertSelect(
    database,
    exportFiles,
    { exportId: exports.id, ...file },
    sql`FROM ${exports} WHERE ${isMine} ON CONFLICT DO NOTHING`,
  )
  const progress = { progressDone, silentTries: 0, revision: sql`${exports.revision} + 1` }
  if (delivery === null) {
    return [
      insert,
      database
        .update(exports)
        .set({ ...progress, leaseUntil: null, nextAttemptAt: now })
        .where(isMine),
    ]
  }
  return [
    insert,
    database
      .update(exports)
      .set({ ...progress, ...delivery, status: 'STORED' })
      .where(isMine),
    ...dropCopies(database, and(eq(exports.id, exportId), eq(exports.status, 'STORED'))),
  ]
}
