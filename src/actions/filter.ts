/** Filters on actions as SQL. Each but `q` narrows through an index; see test/db/indexes.test.ts. */
import { type SQL, sql } from 'drizzle-orm'
import type { ActionType, FocusType, Status } from '../db/enums.ts'
import { fold } from '../platform/text.ts'

export interface ActionFilter {
  status?: Status | undefined
  focusType?: FocusType | undefined
  hierarchyId?: string | undefined
  assigneeId?: string | undefined
  actionType?: ActionType | undefined
  q?: string | undefined
}

/** Who looks, in which company, when. */
export interface Look {
  companyId: string
  userId: string
  now: number
}

export function isFiltering(filter: ActionFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined && value !== '')
}

/** Readable by the looker: one row of `action_readers` says so. */
export function readable(look: Look): SQL {
  return sql`EXISTS (SELECT 1 FROM action_readers r WHERE r.action_id = a.id AND r.reader IN ('*', ${look.userId}))`
}

/**
 * The condition on `actions a`: of the company, readable, and meeting every filter at once; `narrowed` when the
 * query names their plans besides.
 */
export function matching(filter: ActionFilter, look: Look, narrowed = false): SQL {
  // SQLite would rather walk the whole company than what is narrower; a plus bars it from the company's indexes.
  const company = narrowed || isNarrow(filter) ? sql`+a.company_id` : sql`a.company_id`
  const conditions = [sql`${company} = ${look.companyId}`, readable(look), ...conditionsOf(filter, look)]
  return sql.join(conditions, sql` AND `)
}

/** Whether a filter leaves only actions listed by id. */
function isNarrow({ status, focusType, hierarchyId, assigneeId }: ActionFilter): boolean {
  return status === 'EXPIRED' || [focusType, hierarchyId, assigneeId].some((value) => value !== undefined)
}

function conditionsOf(filter: ActionFilter, look: Look): SQL[] {
  const { focusType, hierarchyId, assigneeId, actionType } = filter
  const q = fold(filter.q ?? '')
  const given: (SQL | null)[] = [
    filter.status === undefined ? null : hasStatus(filter.status, look),
    focusType === undefined
      ? null
      : sql`a.id IN (SELECT action_id FROM action_focus_items WHERE company_id = ${look.companyId} AND focus_type = ${focusType})`,
    hierarchyId === undefined
      ? null
      : sql`a.id IN (SELECT action_id FROM action_hierarchies WHERE hierarchy_id = ${hierarchyId})`,
    assigneeId === undefined
      ? null
      : sql`a.id IN (SELECT action_id FROM action_assignees WHERE user_id = ${assigneeId})`,
    actionType === undefined ? null : sql`a.action_type = ${actionType}`,
    q === '' ? null : sql`(instr(a.title_folded, ${q}) > 0 OR instr(a.description_folded, ${q}) > 0)`,
  ]
  return given.filter((condition) => condition !== null)
}

/** The status as of now: a stored IN_PROGRESS whose `expires_at` has come is EXPIRED. */
function hasStatus(status: Status, { companyId, now }: Look): SQL {
  switch (status) {
    case 'IN_PROGRESS':
      return sql`a.status = 'IN_PROGRESS' AND (a.expires_at IS NULL OR a.expires_at > ${now})`
    case 'EXPIRED':
      return sql`a.id IN (
        SELECT id FROM actions WHERE company_id = ${companyId} AND status = 'EXPIRED'
        UNION ALL
        SELECT id FROM actions WHERE company_id = ${companyId} AND status = 'IN_PROGRESS' AND expires_at <= ${now})`
    default:
      return sql`a.status = ${status}`
  }
}
