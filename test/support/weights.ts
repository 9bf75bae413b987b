/** Counts the kept weights anew, in SQL that shares nothing with the triggers. */
import { home } from './home.ts'

const json = (text: string) => `length(CAST(json_quote(${text}) AS BLOB)) - 2`
const bytes = (text: string) => `coalesce(length(CAST(${text} AS BLOB)), 0)`

const COUNTS: Record<string, string> = {
  actions: `SELECT a.id, a.content_bytes, a.note_bytes, a.note_count,
      550 + ${json('a.title')} + ${json('a.description')}
        + 420 * (SELECT count(*) FROM action_assignees WHERE action_id = a.id)
        + 60 * (SELECT count(*) FROM action_hierarchies WHERE action_id = a.id)
        + (SELECT total(60 + ${json("coalesce(focus_id, '')")}) FROM action_focus_items WHERE action_id = a.id)
        AS counted_content,
      (SELECT total(${json('text')}) FROM notes WHERE action_id = a.id) AS counted_notes,
      (SELECT count(*) FROM notes WHERE action_id = a.id) AS counted
    FROM actions a WHERE content_bytes <> counted_content OR note_bytes <> counted_notes OR note_count <> counted`,
  plans: `SELECT p.id, p.content_bytes, p.note_bytes, p.note_count, p.action_count,
      350 + ${json('p.title')} + ${json('p.description')}
        + (SELECT total(content_bytes) FROM actions WHERE plan_id = p.id) AS counted_content,
      (SELECT total(note_bytes) FROM actions WHERE plan_id = p.id) AS counted_note_bytes,
      (SELECT total(note_count) FROM actions WHERE plan_id = p.id) AS counted_notes,
      (SELECT count(*) FROM actions WHERE plan_id = p.id) AS counted_actions
    FROM plans p WHERE content_bytes <> counted_content OR note_bytes <> counted_note_bytes
      OR note_count <> counted_notes OR action_count <> counted_actions`,
  companies: `SELECT c.id, c.stored_bytes, c.hierarchy_count, c.hierarchy_bytes, c.history_bytes, c.history_number,
      (SELECT total(content_bytes + note_bytes + 500 * (1 + action_count + note_count))
        FROM plans WHERE company_id = c.id)
      + (SELECT total(500 + ${bytes('email')} + ${bytes('name')}) FROM users WHERE company_id = c.id)
      + (SELECT total(500 + ${bytes('name')}) FROM hierarchies WHERE company_id = c.id)
      + (SELECT total(500 + ${bytes('plan_title')} + ${bytes('requester_name')} + ${bytes('company_name')}
          + ${bytes('filter')} + ${bytes('frozen')} + ${bytes('people')}) FROM exports WHERE company_id = c.id)
      + (SELECT total(500 + ${bytes('listed')} + ${bytes('content')}) FROM reminders WHERE company_id = c.id)
      + 500 * (SELECT count(*) FROM calendars WHERE company_id = c.id)
      + (SELECT total(500 + ${bytes('name')}) FROM access_keys WHERE company_id = c.id)
      + (SELECT total(500 + ${bytes('url')} + ${bytes('types')}) FROM webhooks WHERE company_id = c.id)
      + 500 * (SELECT count(*) FROM webhook_deliveries WHERE company_id = c.id)
      + (SELECT total(150 + ${bytes('r.facts')}) FROM idempotency_records r
          WHERE r.company_id = c.id)
      + history_bytes AS counted,
      (SELECT total(500 + ${bytes('title')} + ${bytes('changes')} + ${bytes('readers')}) FROM history
        WHERE company_id = c.id) AS counted_history,
      max(history_floor, (SELECT coalesce(max(number), 0) FROM history WHERE company_id = c.id)) AS counted_entries,
      (SELECT count(*) FROM hierarchies WHERE company_id = c.id) AS counted_areas,
      (SELECT total(120 + ${json('name')}) FROM hierarchies WHERE company_id = c.id) AS counted_area_bytes
    FROM companies c WHERE stored_bytes <> counted OR hierarchy_count <> counted_areas OR hierarchy_bytes <> counted_area_bytes
      OR history_bytes <> counted_history OR history_number <> counted_entries`,
}

/** Rows whose kept weights are not what a count gives, by table; empty when all are right. */
export async function wrongWeights(): Promise<Record<string, unknown[]>> {
  const names = Object.keys(COUNTS)
  const results = await home.batch(names.map((name) => home.prepare(COUNTS[name] ?? '')))
  const rows = names.map((name, index): [string, unknown[]] => [name, results[index]?.results ?? []])
  return Object.fromEntries(rows.filter(([, found]) => found.length > 0))
}
