/** The parts of a frozen copy: for each, the columns that are stored as JSON, and the type that follows from them. */
import { eq, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { COMPLETED_COUNT } from '../action-plans/store.ts'
import { isOverdue } from '../actions/filter.ts'
import { assigneesNamed, LISTS } from '../actions/lists-store.ts'
import type { Visibility } from '../db/enums.ts'
import { nameIn } from '../db/former-colleague.ts'
import { jsonObject, readJsonObject, type RowOf } from '../db/rows.ts'
import { actions, companies, exportActions, exports, notes, plans, users } from '../db/schema.ts'
import { type FrozenPortfolio, readFrozenPortfolio } from './frozen-portfolio-store.ts'

const creator = alias(users, 'creator')

/** Facts of the plan, its company and the user who exports it, for one row of these tables joined. */
function planFacts(now: number) {
  return {
    id: plans.id,
    title: plans.title,
    description: plans.description,
    visibility: plans.visibility,
    creatorName: sql<string | null>`(SELECT ${nameIn(creator, exports.locale)} FROM ${users} AS creator
      WHERE ${eq(creator.id, plans.createdBy)})`,
    createdAt: plans.createdAt,
    actionCount: plans.actionCount,
    completedCount: COMPLETED_COUNT,
    readableCount: sql<number>`(SELECT count(*) FROM ${exportActions}
      WHERE ${eq(exportActions.exportId, exports.id)})`,
    /** null in copies that an older version froze. */
    overdueCount: sql<number | null>`(SELECT count(*) FROM ${exportActions}
      JOIN ${actions} ON ${eq(actions.id, exportActions.actionId)}
      WHERE ${eq(exportActions.exportId, exports.id)} AND ${isOverdue(now)})`,
    companyName: companies.name,
    timeZone: companies.timeZone,
    /** null in copies that an older version froze. */
    accentColor: sql<string | null>`${companies.accentColor}`,
    exportedAt: sql<number>`${now}`,
    exportedBy: users.name,
  }
}

export type FrozenPlan = RowOf<ReturnType<typeof planFacts>> & { kind: 'PLAN' }

export function freezePlan(now: number) {
  return jsonObject(planFacts(now))
}

export type Frozen = FrozenPlan | FrozenPortfolio

/** Reads what `freezePlan` or `freezePortfolio` wrote. */
export function readFrozen(text: unknown): Frozen {
  const facts = JSON.parse(String(text)) as { kind?: unknown }
  // Only that of a portfolio says what it is. `now` only matters when the JSON is written.
  return facts.kind === 'PORTFOLIO'
    ? readFrozenPortfolio(facts)
    : { kind: 'PLAN', ...readJsonObject(planFacts(0), facts) }
}

/** The part of an action that the Summary shows. */
export const FROZEN_ACTION = {
  id: actions.id,
  title: actions.title,
  actionType: actions.actionType,
  dueDate: actions.dueDate,
  noteCount: actions.noteCount,
  assignees: assigneesNamed(nameIn(users, exports.locale)),
  focusItems: LISTS.focusItems,
  /** Ids of hierarchies; `export_hierarchies` holds their names. */
  hierarchies: LISTS.hierarchyIds,
}

/** The part of an action that only its own sheet shows. */
export const FROZEN_DETAIL = {
  description: actions.description,
  origin: actions.origin,
  visibility: sql<Visibility>`coalesce(${actions.visibility}, ${plans.visibility})`,
  creatorName: sql<
    string | null
  >`(SELECT ${nameIn(users, exports.locale)} FROM ${users} WHERE ${eq(users.id, actions.createdBy)})`,
  createdAt: actions.createdAt,
  updatedAt: actions.updatedAt,
}

/** A note with the name of its author. */
export const FROZEN_NOTE = {
  authorName: nameIn(users, exports.locale),
  createdAt: notes.createdAt,
  text: notes.text,
}

export type FrozenAction = RowOf<typeof FROZEN_ACTION>

export const readFrozenAction = (text: string) => readJsonObject(FROZEN_ACTION, text)
export const readFrozenDetail = (text: string) => readJsonObject(FROZEN_DETAIL, text)
export const readFrozenNote = (text: string) => readJsonObject(FROZEN_NOTE, text)
