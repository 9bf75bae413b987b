/** Hands one user's open work to another, in one atomic set of statements. */
import { type SQL, sql } from 'drizzle-orm'
import type { Database } from '../platform/database.ts'
import { ASSIGNEE_BYTES } from '../actions/weight.ts'
import type { Statement } from '../platform/write.ts'
import type { UserRow } from './store.ts'

interface Counts {
  assignments: number
  plans: number
  actions: number
}

/** The user's assignments that are open at `now`: not terminal, and not expired by the clock either. */
function openAssignments(userId: string, now: number): SQL {
  return sql`FROM action_assignees s JOIN actions a ON a.id = s.action_id
    WHERE s.user_id = ${userId} AND s.status IN ('NOT_STARTED', 'IN_PROGRESS')
      AND (a.expires_at IS NULL OR a.expires_at > ${now})`
}

function counted(userId: string, now: number): Record<keyof Counts, SQL> {
  return {
    assignments: sql`(SELECT count(*) ${openAssignments(userId, now)})`,
    plans: sql`(SELECT count(*) FROM plans WHERE created_by = ${userId})`,
    actions: sql`(SELECT count(*) FROM actions WHERE created_by = ${userId})`,
  }
}

export function countHandedOver(database: Database, companyId: string, userId: string, now: number) {
  const { assignments, plans, actions } = counted(userId, now)
  return database.all<Counts>(
    sql`SELECT ${assignments} AS assignments, ${plans} AS plans, ${actions} AS actions
        FROM users WHERE id = ${userId} AND company_id = ${companyId}`,
  )
}

/** Statements, and what must hold for them: the counts that will be answered, and an heir who may have the work. */
export function handOver(
  database: Database,
  user: UserRow,
  heir: UserRow,
  counts: Counts | undefined,
  now: number,
): { condition: SQL; effects: Statement[] } {
  const { assignments, plans, actions } = counted(user.id, now)
  const open = openAssignments(user.id, now)
  const terminal = sql.raw(`('COMPLETED', 'CANCELLED', 'EXPIRED')`)
  return {
    condition: sql`${assignments} = ${counts?.assignments ?? 0} AND ${plans} = ${counts?.plans ?? 0}
      AND ${actions} = ${counts?.actions ?? 0} AND EXISTS (SELECT 1 FROM users
        WHERE id = ${heir.id} AND company_id = ${user.company_id} AND active = 1 AND role <> 'EMPLOYEE')`,
    effects: [
      // Where the heir is an assignee already, there is one less afterwards.
      database.run(sql`UPDATE actions SET updated_at = ${now}, version = version + 1, revision = revision + 1,
          content_bytes = content_bytes - ${ASSIGNEE_BYTES} * (id IN (SELECT s.action_id ${open})
            AND EXISTS (SELECT 1 FROM action_assignees WHERE action_id = actions.id AND user_id = ${heir.id}))
        WHERE created_by = ${user.id} OR id IN (SELECT s.action_id ${open})`),
      // Who has the action already takes the open work on: what was terminal opens with it, what was open goes on.
      database.run(sql`INSERT INTO action_assignees (action_id, user_id, position, status, started_at, finished_at)
        SELECT s.action_id, ${heir.id}, s.position, s.status, s.started_at, NULL ${open}
        ON CONFLICT (action_id, user_id) DO UPDATE SET
          status = CASE WHEN action_assignees.status = 'IN_PROGRESS' THEN 'IN_PROGRESS' ELSE excluded.status END,
          started_at = CASE
            WHEN action_assignees.status IN ${terminal} THEN excluded.started_at
            ELSE min(coalesce(action_assignees.started_at, excluded.started_at),
                     coalesce(excluded.started_at, action_assignees.started_at)) END,
          finished_at = NULL`),
      database.run(sql`DELETE FROM action_assignees WHERE user_id = ${user.id}
        AND action_id IN (SELECT s.action_id ${open})`),
      // The same as derive() in actions/lifecycle.ts, for what was handed over just now.
      database.run(sql`UPDATE actions SET (status, started_at, finished_at) = (
          SELECT CASE
              WHEN sum(status NOT IN ${terminal}) > 0
                THEN CASE WHEN count(started_at) > 0 THEN 'IN_PROGRESS' ELSE 'NOT_STARTED' END
              WHEN sum(status <> 'CANCELLED') = 0 THEN 'CANCELLED'
              WHEN sum(status = 'EXPIRED') > 0 THEN 'EXPIRED'
              ELSE 'COMPLETED' END,
            min(started_at),
            CASE WHEN sum(status NOT IN ${terminal}) = 0 THEN max(finished_at) END
          FROM action_assignees WHERE action_id = actions.id)
        WHERE updated_at = ${now} AND id IN (SELECT action_id FROM action_assignees WHERE user_id = ${heir.id})`),
      database.run(sql`UPDATE actions SET created_by = ${heir.id} WHERE created_by = ${user.id}`),
      database.run(sql`UPDATE plans SET created_by = ${heir.id}, updated_at = ${now}, version = version + 1,
          revision = revision + 1 WHERE created_by = ${user.id}`),
    ],
  }
}
