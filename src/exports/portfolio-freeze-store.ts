/** Freezes the portfolio for an export: the statements that copy what its requester may read, and how the copy is read. */
import { and, desc, eq, gt, isNotNull, isNull, lt, sql } from 'drizzle-orm'
import { planIsReadableBy } from '../access/store.ts'
import { type ActionFilter, isExpiredByClock, isFiltering } from '../actions/filter.ts'
import { collectedActions, everything, matchingActions } from '../actions/search-store.ts'
import { readablePlanTotal } from '../action-plans/store.ts'
import { insertSelect, jsonObject, select } from '../db/rows.ts'
import {
  actions,
  companies,
  exportActions,
  exportHierarchies,
  exportPlans,
  exports,
  plans,
  users,
} from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import type { ReadScope } from '../platform/request.ts'
import type { Statement } from '../platform/write.ts'
import { areasInOrder } from '../portfolio/tree-store.ts'
import {
  FROZEN_PLAN_ROW,
  FROZEN_ROW,
  freezePortfolio,
  PLAN_DESCRIPTION,
  PORTFOLIO_ORDER,
} from './frozen-portfolio-store.ts'
import type { StoredExport } from './store.ts'

type PortfolioExport = Pick<StoredExport, 'id' | 'companyId' | 'requestedBy' | 'filter'>

/** How many actions and plans an export would hold. */
export function portfolioSize(database: Database, filter: ActionFilter, scope: ReadScope) {
  const { named, total } = isFiltering(filter) ? matchingActions(filter, scope) : everything(scope)
  const parts = named.length === 0 ? sql`` : sql`WITH ${sql.join([...named], sql`, `)}`
  const plansInAll = isFiltering(filter) ? sql<number>`0` : readablePlanTotal(scope)
  return database.all<{ actions: number; plans: number }>(
    sql`${parts} SELECT ${total} AS actions, ${plansInAll} AS plans`,
  )
}

function filterOf({ filter }: Pick<StoredExport, 'filter'>): ActionFilter {
  // Written by the request as this type.
  return JSON.parse(filter ?? '{}') as ActionFilter
}

/**
 * Copies actions, plans and areas as of `now`, unless that has been done. Rights are those of this moment, action by action.
 * Plans come newest first, the actions of each oldest first.
 */
export function copyPortfolio(database: Database, row: PortfolioExport, now: number): Statement[] {
  const { id: exportId, companyId, requestedBy } = row
  const filter = filterOf(row)
  // Once the copy exists, the statements select no rows.
  const isUnfrozen = and(eq(exports.id, exportId), isNull(exports.frozen))
  const status = sql`CASE WHEN ${isExpiredByClock(now)} THEN 'EXPIRED' ELSE ${actions.status} END`
  const count = (value: string) => sql`sum(${status} = ${value})`
  const isOpen = sql`${status} IN ('NOT_STARTED', 'IN_PROGRESS')`
  const isPast = sql`${actions.dueDate} <= ${now}`
  return [
    insertSelect(
      database,
      exportActions,
      {
        exportId: exports.id,
        position: sql`row_number() OVER (${PORTFOLIO_ORDER}) - 1`,
        actionId: actions.id,
        bytes: sql`${actions.contentBytes} + coalesce(length(CAST(${PLAN_DESCRIPTION} AS BLOB)), 0)`,
        summary: jsonObject(FROZEN_ROW),
        detail: '',
      },
      sql`FROM ${exports} CROSS JOIN found CROSS JOIN ${actions} ON ${actions}.rowid = found.row_id
          CROSS JOIN ${plans} ON ${eq(plans.id, actions.planId)}
        WHERE ${isUnfrozen}`,
      collectedActions(filter, { companyId, userId: requestedBy, now }),
    ),
    insertSelect(
      database,
      exportPlans,
      {
        exportId: exports.id,
        position: sql`row_number() OVER (ORDER BY ${plans.createdAt} DESC, ${plans.id} DESC) - 1`,
        planId: plans.id,
        plan: jsonObject(FROZEN_PLAN_ROW),
      },
      sql`FROM ${exports} CROSS JOIN ${plans} ON ${eq(plans.companyId, companyId)}
          AND ${planIsReadableBy(requestedBy)}
        LEFT JOIN sums ON sums.plan_id = ${plans.id}
        WHERE ${isUnfrozen} AND (${Number(!isFiltering(filter))} OR sums.plan_id IS NOT NULL)`,
      [
        sql`sums AS MATERIALIZED (SELECT ${actions.planId} AS plan_id, ${count('NOT_STARTED')} AS not_started,
            ${count('IN_PROGRESS')} AS in_progress, ${count('COMPLETED')} AS completed,
            ${count('CANCELLED')} AS cancelled, ${count('EXPIRED')} AS expired,
            total(${isPast} AND ${status} NOT IN ('COMPLETED', 'CANCELLED')) AS overdue,
            min(CASE WHEN ${isOpen} AND NOT ${isPast} THEN ${actions.dueDate} END) AS next_due
          FROM ${exportActions} CROSS JOIN ${actions} ON ${eq(actions.id, exportActions.actionId)}
          WHERE ${eq(exportActions.exportId, exportId)} GROUP BY ${actions.planId})`,
      ],
    ),
    insertSelect(
      database,
      exportHierarchies,
      {
        exportId: exports.id,
        hierarchyId: sql`areas.id`,
        name: sql`areas.name`,
        parentId: sql`areas.parent_id`,
        position: sql`areas.rank`,
      },
      sql`FROM ${exports} CROSS JOIN areas WHERE ${isUnfrozen}`,
      areasInOrder(companyId),
    ),
  ]
}

/** The facts of the portfolio, for the update of the export that has just been copied. */
export function portfolioFacts(now: number) {
  return sql`(SELECT ${freezePortfolio(now)} FROM ${users} JOIN ${companies} ON ${eq(companies.id, users.companyId)}
    WHERE ${eq(users.id, exports.requestedBy)})`
}

const PLANS_AT_ONCE = 2_000
const AREAS_AT_ONCE = 2_000

/** The next portion of plans, in order: those after the position. */
export function frozenPlans(database: Database, exportId: string, after: number) {
  return database
    .select({ position: exportPlans.position, planId: exportPlans.planId, plan: exportPlans.plan })
    .from(exportPlans)
    .where(and(eq(exportPlans.exportId, exportId), gt(exportPlans.position, after)))
    .orderBy(exportPlans.position)
    .limit(PLANS_AT_ONCE)
}

/** The description of a plan, from its first action, which lies before the position. */
export function frozenDescription(database: Database, exportId: string, planId: string, before: number) {
  const description = sql<string | null>`${exportActions.summary} ->> 'planDescription'`
  return select(database, { description })
    .from(exportActions)
    .where(
      and(
        eq(exportActions.exportId, exportId),
        lt(exportActions.position, before),
        eq(sql`${exportActions.summary} ->> 'planId'`, planId),
        isNotNull(description),
      ),
    )
    .orderBy(desc(exportActions.position))
    .limit(1)
}

/** The next portion of areas, by id: those after the id. */
export function frozenAreas(database: Database, exportId: string, after: string) {
  return database
    .select({
      id: exportHierarchies.hierarchyId,
      name: exportHierarchies.name,
      parentId: exportHierarchies.parentId,
      position: exportHierarchies.position,
    })
    .from(exportHierarchies)
    .where(and(eq(exportHierarchies.exportId, exportId), gt(exportHierarchies.hierarchyId, after)))
    .orderBy(exportHierarchies.hierarchyId)
    .limit(AREAS_AT_ONCE)
}
