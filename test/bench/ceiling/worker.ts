/** `GET /?company=…&reader=…` with a SessionId: the ten newest actions, by one KV read and one D1 batch of plain SQL. */
interface Bindings {
  DB: D1Database
  SESSIONS: KVNamespace
}

const ROWS = `SELECT json_object('id', a.id, 'companyId', a.company_id, 'planId', a.plan_id, 'title', a.title,
    'description', a.description, 'actionType', a.action_type, 'origin', a.origin, 'status', a.status,
    'dueDate', a.due_date, 'startedAt', a.started_at, 'finishedAt', a.finished_at, 'noteCount', a.note_count,
    'createdBy', a.created_by, 'createdAt', a.created_at, 'updatedAt', a.updated_at,
    'assignees', (SELECT json_group_array(json_object('userId', s.user_id, 'name', u.name, 'status', s.status))
      FROM action_assignees s JOIN users u ON u.id = s.user_id WHERE s.action_id = a.id)) AS item
  FROM (SELECT id, created_at FROM actions WHERE company_id = ?1 AND audience = '*' AND audience <> ''
    UNION SELECT id, created_at FROM actions WHERE company_id = ?1 AND audience = ?2 AND audience <> ''
    UNION SELECT action_id, created_at FROM action_assignees WHERE user_id = ?2 AND is_creator = 0
    ORDER BY created_at DESC, id DESC LIMIT 10) r JOIN actions a ON a.id = r.id`

export default {
  async fetch(request, { DB, SESSIONS }) {
    const session = request.headers.get('SessionId') ?? ''
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(session)))
    const id = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
    const { userId, companyId } = (await SESSIONS.get<Record<string, string>>(id, 'json')) ?? {}
    const [totals, rows] = await DB.batch<{ total: number; item: string }>([
      DB.prepare(
        `SELECT sum(not_started + in_progress + completed + cancelled + expired) AS total FROM audience_counts
          WHERE company_id = ? AND audience IN ('*', ?)`,
      ).bind(companyId ?? '', userId ?? ''),
      DB.prepare(ROWS).bind(companyId ?? '', userId ?? ''),
    ])
    const items = (rows?.results ?? []).map(({ item }) => item)
    const total = totals?.results[0]?.total ?? 0
    return new Response(
      `{"from":0,"to":${String(items.length)},"total":${String(total)},"result":[${items.join(',')}]}`,
      { headers: { 'Content-Type': 'application/json' } },
    )
  },
} satisfies ExportedHandler<Bindings>
