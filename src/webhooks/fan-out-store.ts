/** Makes deliveries of a company's history: set by set, each in one batch with the cursor that says how far it went. */
import { eq, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { isActiveManager } from '../access/store.ts'
import { insertSelectReturning } from '../db/rows.ts'
import {
  companies,
  exports,
  history,
  users,
  webhookCursors,
  webhookDeliveries,
  webhooks,
} from '../db/schema.ts'
import { staysHere } from '../directory/staying-store.ts'
import { ACCESS_CHANGED_ID, entryIsReadableBy, isToldOfAccess } from '../history/readable-store.ts'
import type { Database } from '../platform/database.ts'
import { newRowId } from '../platform/new-id-store.ts'
import { LANE } from './store.ts'

const made = alias(webhookDeliveries, 'made')

/** The ids of what was made. */
const MADE = { companyId: webhookDeliveries.companyId, deliveryId: webhookDeliveries.id }

/** What a new delivery begins with. */
function begun(now: number) {
  return {
    id: newRowId(now),
    ...{ webhookId: webhooks.id, lane: LANE, status: 'PENDING' as const },
    ...{ nextTryAt: now, createdAt: now },
  }
}

/** Condition on a row of `webhooks`: it is sent events of this type. Its types are a JSON array of names. */
function takes(type: SQL): SQL {
  return sql`(${webhooks.types} IS NULL OR instr(${webhooks.types}, '"' || ${type} || '"') > 0)`
}

/**
 * The number of the last entry that a set looks at: 1,000 pairs of entry and webhook, but never less than 20 entries or more
 * than 100.
 */
function endOfSet(companyId: string): SQL<number> {
  const active = sql`(SELECT count(*) FROM ${webhooks}
    WHERE ${eq(webhooks.companyId, companyId)} AND ${webhooks.active} = 1)`
  return sql`min(${webhookCursors.number} + 1000 / max(10, ${active}),
    (SELECT ${companies.historyNumber} FROM ${companies} WHERE ${eq(companies.id, companyId)}))`
}

/**
 * Makes the deliveries of the next set of entries and moves the cursor behind them. Both in one batch: two at once, or one
 * after a crash, find the cursor where the other left it. An entry that changed who may read also tells of that.
 */
export function fanOutNext(database: Database, companyId: string, now: number) {
  const fromCursor = (value: SQL) => sql`(SELECT ${value} FROM ${webhookCursors}
    WHERE ${eq(webhookCursors.companyId, companyId)} AND ${webhookCursors.isBehind} = 1)`
  const isAboutAccess = sql`telling.of_access = 1`
  const type = sql`CASE WHEN ${isAboutAccess} THEN 'access.changed' ELSE ${history.type} END`
  return [
    insertSelectReturning(
      database,
      webhookDeliveries,
      {
        ...begun(now),
        ...{ companyId: history.companyId, type, at: history.at },
        ...{ planId: history.planId, actionId: history.actionId, historyNumber: history.number },
        historyId: sql`CASE WHEN ${isAboutAccess} THEN ${ACCESS_CHANGED_ID} ELSE ${history.id} END`,
      },
      sql`FROM ${history} CROSS JOIN ${webhooks} ON ${eq(webhooks.companyId, history.companyId)}
          AND ${webhooks.active} = 1 AND ${webhooks.fromNumber} < ${history.number}
        CROSS JOIN ${users} ON ${eq(users.id, webhooks.userId)}
        CROSS JOIN (SELECT 0 AS of_access UNION ALL SELECT 1) AS telling
        WHERE ${eq(history.companyId, companyId)}
          AND ${history.number} > ${fromCursor(sql`${webhookCursors.number}`)}
          AND ${history.number} <= ${fromCursor(endOfSet(companyId))}
          AND (telling.of_access = 0 OR ${history.readers} IS NOT NULL)
          AND ${takes(type)} AND ${isActiveManager()}
          AND CASE WHEN ${isAboutAccess} THEN ${isToldOfAccess(webhooks.userId)}
            ELSE ${entryIsReadableBy(webhooks.userId)} END`,
      MADE,
    ),
    database
      .update(webhookCursors)
      .set({
        number: endOfSet(companyId),
        isBehind: sql`${endOfSet(companyId)} < (SELECT ${companies.historyNumber} FROM ${companies}
          WHERE ${eq(companies.id, companyId)})`,
      })
      .where(sql`${eq(webhookCursors.companyId, companyId)} AND ${webhookCursors.isBehind} = 1`)
      .returning({ isBehind: webhookCursors.isBehind }),
  ] as const
}

/** Companies whose cursor is behind, up to 100. The condition is that of a partial index. */
export function companiesBehind(database: Database) {
  return database
    .select({ companyId: webhookCursors.companyId })
    .from(webhookCursors)
    .where(sql`is_behind = 1 AND ${staysHere(webhookCursors.companyId)}`)
    .limit(100)
}

/**
 * Makes the deliveries about exports that ended in the same batch with this `now`, once for each. Must follow the statement
 * that ended them.
 * @param which condition on a row of `exports`
 */
export function announceExports(
  database: Database,
  which: SQL,
  event: 'export.sent' | 'export.failed',
  now: number,
) {
  const status = event === 'export.sent' ? 'SENT' : 'FAILED'
  return insertSelectReturning(
    database,
    webhookDeliveries,
    {
      ...begun(now),
      ...{ companyId: exports.companyId, type: event, at: now, exportId: exports.id },
      // The export of the portfolio has no plan.
      planId: sql`nullif(${exports.planId}, '')`,
    },
    sql`FROM ${exports} CROSS JOIN ${webhooks} ON ${eq(webhooks.userId, exports.requestedBy)}
        AND ${webhooks.active} = 1
      CROSS JOIN ${users} ON ${eq(users.id, webhooks.userId)}
      WHERE ${which} AND ${eq(exports.status, status)} AND ${eq(exports.finishedAt, now)}
        AND ${takes(sql`${event}`)} AND ${isActiveManager()}
        AND NOT EXISTS (SELECT 1 FROM ${webhookDeliveries} AS made WHERE ${eq(made.webhookId, webhooks.id)}
          AND ${eq(made.createdAt, now)} AND ${eq(made.exportId, exports.id)} AND ${eq(made.type, event)})`,
    MADE,
  )
}
