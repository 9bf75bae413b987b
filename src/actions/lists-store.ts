/**
 * The lists inside an action as JSON in one column of its row: SQL that writes them, functions that read them. Each
 * item begins with its position, since JSON arrays have no order of their own in SQL.
 */
import { sql } from 'drizzle-orm'
import type { FocusType, Status } from '../db/enums.ts'
import type { AssigneeState } from './lifecycle.ts'

export interface Assignee extends AssigneeState {
  name: string
  active: boolean
}

export interface FocusItem {
  focusType: FocusType
  focusId: string | null
}

type Item = [position: number, ...unknown[]]

export type AssigneeItem = [
  position: number,
  userId: string,
  name: string,
  active: number,
  status: Status,
  startedAt: number | null,
  finishedAt: number | null,
]
export type FocusItemItem = [position: number, focusType: FocusType, focusId: string | null]
export type HierarchyItem = [position: number, hierarchyId: string]

/** Of an action `a`. */
export const ASSIGNEES = sql.raw(`(SELECT json_group_array(
    json_array(s.position, s.user_id, u.name, u.active, s.status, s.started_at, s.finished_at))
  FROM action_assignees s JOIN users u ON u.id = s.user_id WHERE s.action_id = a.id)`)
export const FOCUS_ITEMS = sql.raw(`(SELECT json_group_array(json_array(f.position, f.focus_type, f.focus_id))
  FROM action_focus_items f WHERE f.action_id = a.id)`)
export const HIERARCHY_IDS = sql.raw(`(SELECT json_group_array(json_array(t.position, t.hierarchy_id))
  FROM action_hierarchies t WHERE t.action_id = a.id)`)

function inOrder<I extends Item>(items: readonly I[]): I[] {
  return items.toSorted(([left], [right]) => left - right)
}

export function readAssignees(items: readonly AssigneeItem[]): Assignee[] {
  return inOrder(items).map(([, userId, name, active, status, startedAt, finishedAt]) => ({
    userId,
    name,
    active: active === 1,
    status,
    startedAt,
    finishedAt,
  }))
}

export function readFocusItems(items: readonly FocusItemItem[]): FocusItem[] {
  return inOrder(items).map(([, focusType, focusId]) => ({ focusType, focusId }))
}

export function readHierarchies(items: readonly HierarchyItem[]): string[] {
  return inOrder(items).map(([, hierarchyId]) => hierarchyId)
}
