/**
 * Freezes a plan for an export and reads the frozen copy. No snapshot spans two calls to D1, so what several
 * volumes and several reads must agree on is copied first, in one atomic batch with the claim.
 */
import { and, eq, gt, gte, lt, sql } from 'drizzle-orm'
import {
  type AssigneeItem,
  ASSIGNEES,
  FOCUS_ITEMS,
  type FocusItemItem,
  HIERARCHY_IDS,
  type HierarchyItem,
} from '../actions/lists-store.ts'
import type { ActionType, Origin, Visibility } from '../db/enums.ts'
import { exportActions, exportAreas, exportFiles, exportNotes, writeGuards } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'
import { dropCopies, hasFreeSlot, type StoredFile } from './store.ts'

export interface FrozenPlan {
  title: string
  description: string
  visibility: Visibility
  creatorName: string | null
  createdAt: number
  actionCount: number
  completedCount: number
  readableCount: number
  companyName: string
  timeZone: string
  exportedAt: number
  exportedBy: string
}

export interface FrozenAction {
  title: string
  actionType: ActionType
  dueDate: number | null
  noteCount: number
  assignees: AssigneeItem[]
  focusItems: FocusItemItem[]
  /** By id; `export_areas` has their names. */
  hierarchies: HierarchyItem[]
}

export interface FrozenDetail {
  description: string
  origin: Origin
  visibility: Visibility
  creatorName: string | null
  createdAt: number
  updatedAt: number
}

export interface FrozenNote {
  authorName: string
  createdAt: number
  text: string
}

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
  const mine = sql`id = ${exportId} AND status IN ('QUEUED', 'BUILDING')`
  // Readable by the requester, as of this moment; nothing once the copy exists.
  const readableActions = sql`FROM exports e JOIN actions a ON a.plan_id = e.plan_id JOIN plans p ON p.id = a.plan_id
    WHERE e.id = ${exportId} AND e.frozen IS NULL
      AND EXISTS (SELECT 1 FROM action_readers r WHERE r.action_id = a.id AND r.reader IN ('*', e.requested_by))`
  return [
    database.run(sql`INSERT OR REPLACE INTO ${writeGuards} (id, session, state)
      SELECT 2, 1, (SELECT 1 FROM exports e JOIN users u ON u.id = e.requested_by JOIN plans p ON p.id = e.plan_id
        WHERE e.id = ${exportId} AND e.status IN ('QUEUED', 'BUILDING')
          AND e.lease_until = ${lease} AND (e.frozen IS NOT NULL OR ${hasFreeSlot(sql`e.company_id`)})
          AND u.active = 1 AND u.role <> 'EMPLOYEE' AND p.audience IN ('*', u.id))`),
    database.run(sql`INSERT INTO export_actions (export_id, position, action_id, bytes, summary, detail)
      SELECT e.id, row_number() OVER (ORDER BY a.created_at, a.id) - 1, a.id, a.content_bytes + a.note_bytes,
        json_object('title', a.title, 'actionType', a.action_type, 'dueDate', a.due_date, 'noteCount', a.note_count,
          'assignees', ${ASSIGNEES}, 'focusItems', ${FOCUS_ITEMS}, 'hierarchies', ${HIERARCHY_IDS}),
        json_object('description', a.description, 'origin', a.origin,
          'visibility', coalesce(a.visibility, p.visibility),
          'creatorName', (SELECT name FROM users WHERE id = a.created_by),
          'createdAt', a.created_at, 'updatedAt', a.updated_at)
      ${readableActions}`),
    database.run(sql`INSERT INTO export_areas (export_id, area_id, name)
      SELECT e.id, h.id, h.name FROM exports e JOIN hierarchies h ON h.id IN (
          SELECT t.hierarchy_id FROM export_actions x JOIN action_hierarchies t ON t.action_id = x.action_id
          WHERE x.export_id = ${exportId})
        WHERE e.id = ${exportId} AND e.frozen IS NULL`),
    database.run(sql`INSERT INTO export_notes (export_id, position, note_id, note)
      SELECT x.export_id, x.position, n.id, json_object('authorName', u.name, 'createdAt', n.created_at, 'text', n.text)
      FROM exports e JOIN export_actions x ON x.export_id = e.id JOIN notes n ON n.action_id = x.action_id
        JOIN users u ON u.id = n.author_id
      WHERE e.id = ${exportId} AND e.frozen IS NULL`),
    database.run(sql`UPDATE exports SET
        progress_total = (SELECT count(*) FROM export_actions WHERE export_id = exports.id),
        frozen = (SELECT json_object('title', p.title, 'description', p.description, 'visibility', p.visibility,
            'creatorName', (SELECT name FROM users WHERE id = p.created_by), 'createdAt', p.created_at,
            'actionCount', p.action_count,
            'completedCount', (SELECT count(*) FROM actions WHERE plan_id = p.id AND status = 'COMPLETED'),
            'readableCount', (SELECT count(*) FROM export_actions WHERE export_id = exports.id),
            'companyName', c.name, 'timeZone', c.time_zone, 'exportedAt', ${now}, 'exportedBy', u.name)
          FROM plans p JOIN companies c ON c.id = p.company_id JOIN users u ON u.id = exports.requested_by
          WHERE p.id = exports.plan_id)
      WHERE ${mine} AND frozen IS NULL`),
    // Whatever ends this build with a word sets the count back.
    database.run(sql`UPDATE exports SET status = 'BUILDING', silent_tries = silent_tries + 1, revision = revision + 1
      WHERE ${mine}`),
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

const AREAS_AT_ONCE = 1000

/** A portion of the areas' names: those after `after`, in the order of their ids. */
export function frozenAreas(database: Database, exportId: string, after: string) {
  return database
    .select({ areaId: exportAreas.areaId, name: exportAreas.name })
    .from(exportAreas)
    .where(and(eq(exportAreas.exportId, exportId), gt(exportAreas.areaId, after)))
    .orderBy(exportAreas.areaId)
    .limit(AREAS_AT_ONCE)
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
    database.all<{ position: number; note_id: string; bytes: number }>(
      sql`SELECT position, note_id, length(CAST(note AS BLOB)) AS bytes FROM export_notes
          WHERE export_id = ${exportId} AND position >= ${first} AND position < ${end}
          ORDER BY position, note ->> 'createdAt', note_id`,
    ),
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
        sql`${exportNotes.noteId} IN (SELECT value FROM json_each(${JSON.stringify(noteIds)}))`,
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
  const mine = sql`id = ${exportId} AND status = 'BUILDING' AND lease_until = ${lease}`
  const insert = database.run(sql`INSERT INTO ${exportFiles} (export_id, position, name, bytes, sha256)
    SELECT id, ${file.position}, ${file.name}, ${file.bytes}, ${file.sha256} FROM exports WHERE ${mine}
    ON CONFLICT DO NOTHING`)
  if (delivery === null) {
    return [
      insert,
      database.run(sql`UPDATE exports SET progress_done = ${progressDone}, lease_until = NULL, silent_tries = 0,
        next_attempt_at = ${now}, revision = revision + 1 WHERE ${mine}`),
    ]
  }
  const { expiresAt, linkExpiresAt, linkKeyId } = delivery
  return [
    insert,
    database.run(sql`UPDATE exports SET status = 'STORED', progress_done = ${progressDone},
        silent_tries = 0, expires_at = ${expiresAt}, link_expires_at = ${linkExpiresAt}, link_key_id = ${linkKeyId},
        revision = revision + 1
      WHERE ${mine}`),
    ...dropCopies(database, sql`SELECT id FROM exports WHERE id = ${exportId} AND status = 'STORED'`),
  ]
}
