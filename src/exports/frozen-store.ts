/**
 * What a frozen copy holds: for each part the columns that it is made of, as JSON, and the type that follows from them.
 */
import { eq, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { LISTS } from '../actions/lists-store.ts'
import type { Visibility } from '../db/enums.ts'
import { jsonObject, readJsonObject, type RowOf } from '../db/rows.ts'
import { actions, companies, exportActions, exports, notes, plans, users } from '../db/schema.ts'

const creator = alias(users, 'creator')

/** Of a plan, its company and the user who exports it at `now`, all of one row. */
function planFacts(now: number) {
  return {
    title: plans.title,
    description: plans.description,
    visibility: plans.visibility,
    creatorName: sql<string | null>`(SELECT ${creator.name} FROM ${users} AS creator
      WHERE ${eq(creator.id, plans.createdBy)})`,
    createdAt: plans.createdAt,
    actionCount: plans.actionCount,
    completedCount: sql<number>`(SELECT count(*) FROM ${actions}
      WHERE ${eq(actions.planId, plans.id)} AND ${eq(actions.status, 'COMPLETED')})`,
    readableCount: sql<number>`(SELECT count(*) FROM ${exportActions}
      WHERE ${eq(exportActions.exportId, exports.id)})`,
    companyName: companies.name,
    timeZone: companies.timeZone,
    exportedAt: sql<number>`${now}`,
    exportedBy: users.name,
  }
}

export type FrozenPlan = RowOf<ReturnType<typeof planFacts>>

export function freezePlan(now: number) {
  return jsonObject(planFacts(now))
}

export function readFrozenPlan(text: unknown): FrozenPlan {
  // For reading, the moment does not matter.
  return readJsonObject(planFacts(0), text)
}

/** What the Summary shows of an action. */
export const FROZEN_ACTION = {
  title: actions.title,
  actionType: actions.actionType,
  dueDate: actions.dueDate,
  noteCount: actions.noteCount,
  assignees: LISTS.assignees,
  focusItems: LISTS.focusItems,
  /** By id; `export_hierarchies` has their names. */
  hierarchies: LISTS.hierarchyIds,
}

/** What only the action's own sheet shows. */
export const FROZEN_DETAIL = {
  description: actions.description,
  origin: actions.origin,
  visibility: sql<Visibility>`coalesce(${actions.visibility}, ${plans.visibility})`,
  creatorName: sql<
    string | null
  >`(SELECT ${users.name} FROM ${users} WHERE ${eq(users.id, actions.createdBy)})`,
  createdAt: actions.createdAt,
  updatedAt: actions.updatedAt,
}

/** Of a note and its author. */
export const FROZEN_NOTE = { authorName: users.name, createdAt: notes.createdAt, text: notes.text }

export type FrozenAction = RowOf<typeof FROZEN_ACTION>

export const readFrozenAction = (text: string) => readJsonObject(FROZEN_ACTION, text)
export const readFrozenDetail = (text: string) => readJsonObject(FROZEN_DETAIL, text)
export const readFrozenNote = (text: string) => readJsonObject(FROZEN_NOTE, text)
