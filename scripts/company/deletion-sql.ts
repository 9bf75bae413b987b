/** The SQL that deletes a company in portions. `?1` is the company's id. */
import type { Query } from './stores.ts'

/** Rows that one portion deletes of each kind; of actions twice as many, if a plan is large. */
const PORTION = 5000
/** The most sessions and as many keys, and exports, that a portion deletes. */
const TOKENS_AT_ONCE = 500
const EXPORTS_AT_ONCE = 50

const USERS = '(SELECT id FROM users WHERE company_id = ?1)'
/** A list travels as one parameter. */
const LISTED = 'IN (SELECT value FROM json_each(?1))'

const each = (statements: readonly string[], ...params: string[]): Query[] =>
  statements.map((sql) => ({ sql, params }))

/** One row with the company's name and how much there is of it, or none; and the addresses of its people. */
export function findQueries(id: string): Query[] {
  const count = (table: string) => `(SELECT count(*) FROM ${table} WHERE company_id = ?1)`
  return each(
    [
      `SELECT name, ${count('users')} AS users, ${count('plans')} AS plans,
        (SELECT count(*) FROM exports WHERE requested_by IN ${USERS}) AS exports FROM companies WHERE id = ?1`,
      'SELECT email FROM users WHERE company_id = ?1',
    ],
    id,
  )
}

/**
 * Ends all sessions, keys and webhooks, and lets nobody sign in or be reminded any more. Addresses are freed, but not names
 * changed, which would write every action.
 * @param emailHashes of the people's addresses: of people who are not active, no code names the user
 * @param now Unix milliseconds
 */
export function closeQueries(id: string, emailHashes: readonly string[], now: number): Query[] {
  const ofUsers = `user_id IN ${USERS}`
  const statements = [
    "UPDATE users SET email_key = 'removed-' || id, reminders = 0 WHERE company_id = ?1",
    `UPDATE sessions SET revoked_at = ${now} WHERE ${ofUsers} AND revoked_at IS NULL`,
    `UPDATE access_keys SET revoked_at = ${now} WHERE ${ofUsers} AND revoked_at IS NULL`,
    'UPDATE webhooks SET active = 0, mail_due_at = NULL WHERE company_id = ?1',
    `DELETE FROM sign_in_codes WHERE ${ofUsers}`,
    `DELETE FROM link_mails WHERE ${ofUsers}`,
    `DELETE FROM reminders WHERE ${ofUsers}`,
    `DELETE FROM calendars WHERE ${ofUsers}`,
    'DELETE FROM idempotency_records WHERE company_id = ?1',
  ]
  const codes = `DELETE FROM sign_in_codes WHERE email_hash ${LISTED}`
  return [...each(statements, id), { sql: codes, params: [JSON.stringify(emailHashes)] }]
}

/** What the next portion deletes outside the database: `hash` in KV; export and `name` of a file in R2, null without one. */
export function outsideQueries(id: string): Query[] {
  return each(
    [
      `SELECT id AS hash FROM sessions WHERE user_id IN ${USERS} LIMIT ${TOKENS_AT_ONCE}`,
      `SELECT key_hash AS hash FROM access_keys WHERE user_id IN ${USERS} LIMIT ${TOKENS_AT_ONCE}`,
      `SELECT e.id, f.name FROM (SELECT id FROM exports WHERE requested_by IN ${USERS} LIMIT ${EXPORTS_AT_ONCE}) AS e
        LEFT JOIN export_files AS f ON f.export_id = e.id`,
    ],
    id,
  )
}

/** Deletes a portion; the last one's row tells whether there is `more`. */
export function portionQueries(id: string, hashes: readonly string[], exportIds: readonly string[]): Query[] {
  const deliveries = `SELECT d.id FROM webhooks AS w JOIN webhook_deliveries AS d ON d.webhook_id = w.id
    WHERE w.company_id = ?1`
  const entries = 'SELECT number FROM history WHERE company_id = ?1'
  // Each plan begins within the portion, and the first always does.
  const plans = `SELECT id FROM (SELECT id, sum(action_count + 1) OVER (ORDER BY id) - action_count AS begins
    FROM plans WHERE company_id = ?1) WHERE begins <= ${PORTION}`
  const left = [
    `SELECT 1 FROM sessions WHERE user_id IN ${USERS}`,
    `SELECT 1 FROM access_keys WHERE user_id IN ${USERS}`,
    `SELECT 1 FROM exports WHERE requested_by IN ${USERS}`,
    deliveries,
    entries,
    'SELECT 1 FROM plans WHERE company_id = ?1',
  ]
  return [
    { sql: `DELETE FROM sessions WHERE id ${LISTED}`, params: [JSON.stringify(hashes)] },
    { sql: `DELETE FROM access_keys WHERE key_hash ${LISTED}`, params: [JSON.stringify(hashes)] },
    { sql: `DELETE FROM exports WHERE id ${LISTED}`, params: [JSON.stringify(exportIds)] },
    ...each(
      [
        `DELETE FROM webhook_deliveries WHERE id IN (${deliveries} LIMIT ${PORTION})`,
        `DELETE FROM plans WHERE id IN (${plans})`,
        `DELETE FROM history WHERE company_id = ?1 AND number IN (${entries} ORDER BY number LIMIT ${PORTION})`,
        `SELECT ${left.map((rows) => `EXISTS (${rows})`).join(' OR ')} AS more`,
      ],
      id,
    ),
  ]
}

/** Deletes what is left, which is little; foreign keys take along what has none of these. */
export function restQueries(id: string): Query[] {
  const tables = ['history', 'webhooks', 'webhook_cursors', 'hierarchies', 'idempotency_records', 'users']
  const statements = tables.map((table) => `DELETE FROM ${table} WHERE company_id = ?1`)
  return each([...statements, 'DELETE FROM companies WHERE id = ?1'], id)
}
