/** Writes down the expiries that reads compute anyway (lifecycle.ts). */
import { sql } from 'drizzle-orm'
import type { Database } from '../platform/database.ts'
import type { Statement } from '../platform/write.ts'

const PORTION = 200

/**
 * Expires a bounded portion of the actions whose time has come, oldest first. Neither `updatedAt` nor `revision`
 * moves, since nobody sees a difference; `version` does, so that a write decided before it is decided again.
 */
export function expireActions(database: Database, now: number): [Statement, Statement] {
  const portion = sql`SELECT id FROM actions WHERE expires_at IS NOT NULL AND expires_at <= ${now}
    ORDER BY expires_at, id LIMIT ${PORTION}`
  return [
    database.run(sql`UPDATE action_assignees SET status = 'EXPIRED',
        finished_at = (SELECT due_date FROM actions WHERE id = action_id)
      WHERE action_id IN (${portion}) AND status IN ('NOT_STARTED', 'IN_PROGRESS')`),
    database.run(sql`UPDATE actions SET status = 'EXPIRED', version = version + 1,
        finished_at = (SELECT max(finished_at) FROM action_assignees WHERE action_id = actions.id)
      WHERE id IN (${portion})`),
  ]
}
