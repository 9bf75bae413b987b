/**
 * Freezes a plan for an export and reads the frozen copy. D1 has no snapshot across calls, so the data that several
 * volumes and reads must agree on is copied first, in one atomic batch.
 */
import { and, eq, gt, gte, inArray, isNull, lt, sql } from 'drizzle-orm'
import { actionIsReadableBy, isActiveManager } from '../access/store.ts'
import { insertSelect, isOneOf, jsonObject } from '../db/rows.ts'
import {
  actionAssignees,
  actionHierarchies,
  actions,
  companies,
  exportActions,
  exportFiles,
  exportHierarchies,
  exportNotes,
  exportPlans,
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
import { copyPortfolio, portfolioFacts } from './portfolio-freeze-store.ts'
import { dropCopies, planMayBeRead, type StoredExport, type StoredFile } from './store.ts'

/** Id of the row in `write_guards`; the writes of the API use another row. */
const GUARD_ROW = 2

/** The members of an export on which it depends how a build begins. */
type BegunExport = Pick<StoredExport, 'id' | 'companyId' | 'kind' | 'requestedBy' | 'filter'>

/**
 * Begins a build; the first build also freezes what the requester may read. Fails as a guard conflict if the export has
 * ended, has another `lease` or no free slot, or if the requester may no longer export it.
 */
export function beginBuild(
  database: Database,
  row: BegunExport,
  lease: number,
  now: number,
): [Statement, ...Statement[]] {
  const { id: exportId, kind } = row
  const isOpen = inArray(exports.status, ['QUEUED', 'BUILDING'])
  // Once the copy exists, the statements that copy select no rows.
  const isUnfrozen = and(eq(exports.id, exportId), isNull(exports.frozen))
  const mayBuild = sql`(SELECT 1 FROM ${exports}
    JOIN ${users} ON ${eq(users.id, exports.requestedBy)}
    WHERE ${and(eq(exports.id, exportId), isOpen, eq(exports.leaseUntil, lease))}
      AND (${exports.frozen} IS NOT NULL OR ${HAS_FREE_SLOT})
      AND ${isActiveManager()} AND ${planMayBeRead})`
  return [
    guardRow(database, GUARD_ROW, sql`1`, mayBuild),
    ...(kind === 'PLAN' ? copyPlan(database, exportId) : copyPortfolio(database, row, now)),
    database
      .update(exports)
      .set({
        progressTotal: sql`(SELECT count(*) FROM ${exportActions} WHERE ${eq(exportActions.exportId, exports.id)})`,
        people: PEOPLE,
        frozen: kind === 'PLAN' ? planFacts(now) : portfolioFacts(now),
      })
      .where(and(isUnfrozen, isOpen)),
    // A build that reports any result resets `silentTries`; only builds that die leave it raised.
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

/** The facts of the plan, for the update of the export that has just been copied. */
function planFacts(now: number) {
  return sql`(SELECT ${freezePlan(now)} FROM ${plans} JOIN ${companies} ON ${eq(companies.id, plans.companyId)}
    JOIN ${users} ON ${eq(users.id, exports.requestedBy)} WHERE ${eq(plans.id, exports.planId)})`
}

/** Copies what the requester may read of the plan, unless that has been done. */
function copyPlan(database: Database, exportId: string): Statement[] {
  const isUnfrozen = and(eq(exports.id, exportId), isNull(exports.frozen))
  return [
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
        WHERE ${isUnfrozen} AND ${actionIsReadableBy(exports.requestedBy)}`,
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
  ]
}

const ofCopy = sql`FROM ${exportActions} CROSS JOIN ${actions} ON ${eq(actions.id, exportActions.actionId)}`

/**
 * Of a row of `exports` whose content has just been copied: the ids of the users whom it names, as a JSON array. The
 * requester and a person whom it is filtered by, creators, assignees, and authors of notes.
 */
const PEOPLE = sql`(SELECT json_group_array(id) FROM (
  SELECT value AS id FROM json_each(json_array(${exports.requestedBy}, ${exports.filter} ->> 'assigneeId'))
  UNION SELECT ${plans.createdBy} FROM ${plans} WHERE ${plans.id} IN (SELECT ${exports.planId}
    UNION ALL SELECT ${exportPlans.planId} FROM ${exportPlans} WHERE ${eq(exportPlans.exportId, exports.id)})
  UNION SELECT ${actions.createdBy} ${ofCopy} WHERE ${eq(exportActions.exportId, exports.id)}
  UNION SELECT ${actionAssignees.userId} ${ofCopy}
    CROSS JOIN ${actionAssignees} ON ${eq(actionAssignees.actionId, actions.id)}
    WHERE ${eq(exportActions.exportId, exports.id)}
  UNION SELECT ${notes.authorId} FROM ${exportNotes} CROSS JOIN ${notes} ON ${eq(notes.id, exportNotes.noteId)}
    WHERE ${eq(exportNotes.exportId, exports.id)}) WHERE id IS NOT NULL)`

/** The actions of the frozen copy, oldest first, with their weights. */
export function frozenOutline(database: Database, exportId: string) {
  return database
    .select({ position: exportActions.position, bytes: exportActions.bytes })
    .from(exportActions)
    .where(eq(exportActions.exportId, exportId))
    .orderBy(exportActions.position)
}

const HIERARCHIES_AT_ONCE = 1000

/** The next portion of hierarchy names: those with ids greater than `after`, in the order of ids. */
export function frozenHierarchies(database: Database, exportId: string, after: string) {
  return database
    .select({ id: exportHierarchies.hierarchyId, name: exportHierarchies.name })
    .from(exportHierarchies)
    .where(and(eq(exportHierarchies.exportId, exportId), gt(exportHierarchies.hierarchyId, after)))
    .orderBy(exportHierarchies.hierarchyId)
    .limit(HIERARCHIES_AT_ONCE)
}

/** Condition: the action's position is at least `first` and less than `end`. */
function inPortion(exportId: string, first: number, end: number) {
  return and(
    eq(exportActions.exportId, exportId),
    gte(exportActions.position, first),
    lt(exportActions.position, end),
  )
}

/** The parts of a portion of actions that the Summary shows. */
export function frozenActions(database: Database, exportId: string, first: number, end: number) {
  return database
    .select({ summary: exportActions.summary })
    .from(exportActions)
    .where(inPortion(exportId, first, end))
    .orderBy(exportActions.position)
}

/**
 * The parts of a portion of actions that only their sheets show, and the ids and weights of their notes, oldest first.
 */
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

/** The notes of an action with these ids, in no particular order. */
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
  /** When the files are deleted (Unix milliseconds). */
  expiresAt: number
  linkExpiresAt: number
  linkKeyId: string
}

/**
 * Records a stored volume. With the last one (`delivery`), the export becomes STORED, the values for its mail are fixed
 * and the frozen copy is dropped. Changes nothing if the export has ended or has another lease.
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
