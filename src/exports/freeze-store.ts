/**
 * Freezes a plan for an export and reads the frozen copy. No snapshot spans two calls to D1, so what several
 * volumes and several reads must agree on is copied first, in one atomic batch with the claim.
 */
import { sql } from 'drizzle-orm'
import {
  type AssigneeItem,
  ASSIGNEES,
  FOCUS_ITEMS,
  type FocusItemItem,
  HIERARCHY_NAMES,
  type HierarchyItem,
} from '../actions/lists-store.ts'
import type { ActionType, Origin, Visibility } from '../db/enums.ts'
import { exportFiles, writeGuards } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'
import type { StoredFile } from './store.ts'

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
          AND e.lease_until = ${lease}
          AND u.active = 1 AND u.role <> 'EMPLOYEE' AND p.audience IN ('*', u.id))`),
    database.run(sql`INSERT INTO export_actions (export_id, position, action_id, summary, detail)
      SELECT e.id, row_number() OVER (ORDER BY a.created_at, a.id) - 1, a.id,
        json_object('title', a.title, 'actionType', a.action_type, 'dueDate', a.due_date, 'noteCount', a.note_count,
          'assignees', ${ASSIGNEES}, 'focusItems', ${FOCUS_ITEMS}, 'hierarchies', ${HIERARCHY_NAMES}),
        json_object('description', a.description, 'origin', a.origin,
          'visibility', coalesce(a.visibility, p.visibility),
          'creatorName', (SELECT name FROM users WHERE id = a.created_by),
          'createdAt', a.created_at, 'updatedAt', a.updated_at)
      ${readableActions}`),
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
    database.run(sql`UPDATE exports SET status = 'BUILDING', revision = revision + 1 WHERE ${mine}`),
  ]
}

/** All actions of the frozen copy, for the Summary, oldest first. */
export function frozenActions(database: Database, exportId: string) {
  return database.all<{ summary: string }>(
    sql`SELECT summary FROM export_actions WHERE export_id = ${exportId} ORDER BY position`,
  )
}

/** Details and notes of a portion of it. */
export function frozenDetails(database: Database, exportId: string, first: number, count: number) {
  const portion = sql`export_id = ${exportId} AND position >= ${first} AND position < ${first + count}`
  return [
    database.all<{ position: number; detail: string }>(
      sql`SELECT position, detail FROM export_actions WHERE ${portion} ORDER BY position`,
    ),
    database.all<{ position: number; note: string }>(
      sql`SELECT position, note FROM export_notes WHERE ${portion}
          ORDER BY position, note ->> 'createdAt', note_id`,
    ),
  ] as const
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
      database.run(sql`UPDATE exports SET progress_done = ${progressDone}, lease_until = NULL,
        next_attempt_at = ${now}, revision = revision + 1 WHERE ${mine}`),
    ]
  }
  const { expiresAt, linkExpiresAt, linkKeyId } = delivery
  return [
    insert,
    database.run(sql`UPDATE exports SET status = 'STORED', progress_done = ${progressDone},
        expires_at = ${expiresAt}, link_expires_at = ${linkExpiresAt}, link_key_id = ${linkKeyId},
        revision = revision + 1
      WHERE ${mine}`),
    database.run(sql`DELETE FROM export_actions WHERE export_id IN
      (SELECT id FROM exports WHERE id = ${exportId} AND status = 'STORED')`),
  ]
}
