/** The SQL that deletes a company in portions, as text: wrangler passes no parameters to a remote database. */

/** Rows that one portion deletes of each kind; of actions twice as many, if a plan is large. */
const PORTION = 5000
/** The most hashes, and exports, that the text of a statement names. */
export const NAMED_AT_ONCE = 500
const EXPORTS_AT_ONCE = 50

/** `id` has been checked: 24 hexadecimal characters. */
const usersOf = (id: string) => `(SELECT id FROM users WHERE company_id = '${id}')`
const listOf = (texts: readonly string[]) => texts.map((text) => `'${text}'`).join(', ')

/** One row with the company's name and how much there is of it, or none; and the addresses of its people. */
export function findSql(id: string): string {
  const count = (table: string) => `(SELECT count(*) FROM ${table} WHERE company_id = '${id}')`
  return `
    SELECT name, ${count('users')} AS users, ${count('plans')} AS plans,
      (SELECT count(*) FROM exports WHERE requested_by IN ${usersOf(id)}) AS exports
      FROM companies WHERE id = '${id}';
    SELECT email FROM users WHERE company_id = '${id}';`
}

/**
 * Ends all sessions, keys and webhooks, and lets nobody sign in or be reminded any more. Addresses are freed, but not names
 * changed, which would write every action.
 * @param now Unix milliseconds
 */
export function closeSql(id: string, now: number): string {
  const ofUsers = `user_id IN ${usersOf(id)}`
  return `
    UPDATE users SET email_key = 'removed-' || id, reminders = 0 WHERE company_id = '${id}';
    UPDATE sessions SET revoked_at = ${now} WHERE ${ofUsers} AND revoked_at IS NULL;
    UPDATE access_keys SET revoked_at = ${now} WHERE ${ofUsers} AND revoked_at IS NULL;
    UPDATE webhooks SET active = 0, mail_due_at = NULL WHERE company_id = '${id}';
    DELETE FROM sign_in_codes WHERE ${ofUsers};
    DELETE FROM link_mails WHERE ${ofUsers};
    DELETE FROM reminders WHERE ${ofUsers};
    DELETE FROM calendars WHERE ${ofUsers};
    DELETE FROM idempotency_records WHERE company_id = '${id}';`
}

/** Deletes sign-in codes under the hashes of these addresses: of people who are not active, no code names the user. */
export function codesSql(emailHashes: readonly string[]): string {
  return `DELETE FROM sign_in_codes WHERE email_hash IN (${listOf(emailHashes)});`
}

/** What the next portion deletes outside the database: `hash` in KV; export and `name` of a file in R2, null without one. */
export function outsideSql(id: string): string {
  return `
    SELECT id AS hash FROM sessions WHERE user_id IN ${usersOf(id)} LIMIT ${NAMED_AT_ONCE};
    SELECT key_hash AS hash FROM access_keys WHERE user_id IN ${usersOf(id)} LIMIT ${NAMED_AT_ONCE};
    SELECT e.id, f.name FROM
      (SELECT id FROM exports WHERE requested_by IN ${usersOf(id)} LIMIT ${EXPORTS_AT_ONCE}) AS e
      LEFT JOIN export_files AS f ON f.export_id = e.id;`
}

/** Deletes a portion; the last statement's one row tells whether there is more. */
export function portionSql(id: string, hashes: readonly string[], exportIds: readonly string[]): string {
  const deliveries = `SELECT d.id FROM webhooks AS w JOIN webhook_deliveries AS d ON d.webhook_id = w.id
    WHERE w.company_id = '${id}'`
  const entries = `SELECT number FROM history WHERE company_id = '${id}'`
  // Each plan begins within the portion, and the first always does.
  const plans = `SELECT id FROM (SELECT id, sum(action_count + 1) OVER (ORDER BY id) - action_count AS begins
    FROM plans WHERE company_id = '${id}') WHERE begins <= ${PORTION}`
  const left = [
    `SELECT 1 FROM sessions WHERE user_id IN ${usersOf(id)}`,
    `SELECT 1 FROM access_keys WHERE user_id IN ${usersOf(id)}`,
    `SELECT 1 FROM exports WHERE requested_by IN ${usersOf(id)}`,
    deliveries,
    entries,
    `SELECT 1 FROM plans WHERE company_id = '${id}'`,
  ]
  return `
    DELETE FROM sessions WHERE id IN (${listOf(hashes)});
    DELETE FROM access_keys WHERE key_hash IN (${listOf(hashes)});
    DELETE FROM exports WHERE id IN (${listOf(exportIds)});
    DELETE FROM webhook_deliveries WHERE id IN (${deliveries} LIMIT ${PORTION});
    DELETE FROM plans WHERE id IN (${plans});
    DELETE FROM history WHERE company_id = '${id}' AND number IN (${entries} ORDER BY number LIMIT ${PORTION});
    SELECT ${left.map((rows) => `EXISTS (${rows})`).join(' OR ')} AS more;`
}

/** Deletes what is left, which is little; foreign keys take along what has none of these. */
export function restSql(id: string): string {
  const tables = ['history', 'webhooks', 'webhook_cursors', 'hierarchies', 'idempotency_records', 'users']
  return `${tables.map((table) => `DELETE FROM ${table} WHERE company_id = '${id}';`).join('\n')}
    DELETE FROM companies WHERE id = '${id}';`
}
