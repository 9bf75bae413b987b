/**
 * `GET /actions` and `GET /plans` with a SessionId: the default lists of the service, by one KV read and one D1 batch of
 * plain SQL that builds the very JSON. No rights of plans, no limits, no checks: what the platform gives at most.
 */
interface Bindings {
  DB: D1Database
  SESSIONS: KVNamespace
}

const at = (time: string) =>
  `CASE WHEN ${time} IS NOT NULL THEN strftime('%Y-%m-%dT%H:%M:%fZ', ${time} / 1000.0, 'unixepoch') END`

const ACTION = `json_object('id', a.id, 'companyId', a.company_id, 'planId', a.plan_id, 'title', a.title,
    'description', a.description, 'actionType', a.action_type, 'origin', a.origin)`
const MORE = `json_object('visibility', coalesce(a.visibility, p.visibility), 'status', a.status, 'overdue', a.due_date < ?3,
    'completionPercent', (SELECT 100 * sum(status = 'COMPLETED') / count(*) FROM action_assignees WHERE action_id = a.id),
    'focusItems', (SELECT json_group_array(json_object('focusType', focus_type, 'focusId', focus_id))
      FROM action_focus_items WHERE action_id = a.id),
    'hierarchyIds', (SELECT json_group_array(hierarchy_id) FROM action_hierarchies WHERE action_id = a.id),
    'assignees', (SELECT json_group_array(json_object('userId', s.user_id, 'name', u.name,
        'active', json(iif(u.active, 'true', 'false')), 'status', s.status,
        'startedAt', ${at('s.started_at')}, 'finishedAt', ${at('s.finished_at')}))
      FROM action_assignees s JOIN users u ON u.id = s.user_id WHERE s.action_id = a.id))`
const TIMES = `json_object('dueDate', ${at('a.due_date')}, 'startedAt', ${at('a.started_at')},
    'finishedAt', ${at('a.finished_at')}, 'noteCount', a.note_count, 'createdBy', a.created_by,
    'createdAt', ${at('a.created_at')}, 'updatedAt', ${at('a.updated_at')})`
// A function takes at most 32 arguments, so the object is patched together.
const WHOLE_ACTION = `json_patch(json_patch(${ACTION}, ${MORE}), ${TIMES})`

const ACTIONS = `SELECT ${WHOLE_ACTION} AS item
  FROM (SELECT id, created_at FROM actions WHERE company_id = ?1 AND audience = '*' AND audience <> ''
    UNION SELECT id, created_at FROM actions WHERE company_id = ?1 AND audience = ?2 AND audience <> ''
    UNION SELECT action_id, created_at FROM action_assignees WHERE user_id = ?2 AND is_creator = 0
    ORDER BY created_at DESC, id DESC LIMIT 10) r JOIN actions a ON a.id = r.id JOIN plans p ON p.id = a.plan_id`
const ACTION_TOTAL = `SELECT sum(not_started + in_progress + completed + cancelled + expired) AS total
  FROM audience_counts WHERE company_id = ?1 AND audience IN ('*', ?2)`

const PLANS = `SELECT json_object('id', p.id, 'companyId', p.company_id, 'title', p.title, 'description', p.description,
    'visibility', p.visibility, 'createdBy', p.created_by, 'createdAt', ${at('p.created_at')},
    'updatedAt', ${at('p.updated_at')}, 'completionPercent', p.action_count,
    'actions', (SELECT json_group_array(json(${WHOLE_ACTION})) FROM actions a
      WHERE a.plan_id = p.id AND a.audience IN ('*', ?2))) AS item
  FROM (SELECT id, created_at FROM plans WHERE company_id = ?1 AND audience = '*'
    UNION ALL SELECT id, created_at FROM plans WHERE company_id = ?1 AND audience = ?2
    ORDER BY created_at DESC, id DESC LIMIT 10) r JOIN plans p ON p.id = r.id`
const PLAN_TOTAL = `SELECT sum(plans) AS total FROM readable_totals WHERE company_id = ?1 AND reader IN ('*', ?2)`

export default {
  async fetch(request, { DB, SESSIONS }) {
    const session = request.headers.get('SessionId') ?? ''
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(session)))
    const id = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
    const { userId = '', companyId = '' } = (await SESSIONS.get<Record<string, string>>(id, 'json')) ?? {}
    const [list, total] = request.url.endsWith('/plans') ? [PLANS, PLAN_TOTAL] : [ACTIONS, ACTION_TOTAL]
    const [totals, rows] = await DB.batch<{ total: number; item: string }>([
      DB.prepare(total).bind(companyId, userId),
      DB.prepare(list).bind(companyId, userId, Date.now()),
    ])
    const items = (rows?.results ?? []).map(({ item }) => item)
    const count = totals?.results[0]?.total ?? 0
    return new Response(
      `{"from":0,"to":${String(items.length)},"total":${String(count)},"result":[${items.join(',')}]}`,
      { headers: { 'Content-Type': 'application/json' } },
    )
  },
} satisfies ExportedHandler<Bindings>
