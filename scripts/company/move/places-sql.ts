/**
 * The SQL of a move's steps on `company_places` and the directory. `?1` is the company's id. Each batch begins with a guard that
 * fails unless the row is as it was when the step was decided on, or as the step leaves it: so it can be repeated, and two
 * commands at once do no harm.
 */
import { type DatabaseName, DIRECTORY } from '../../../src/platform/place.ts'
import type { Query, Row } from '../stores.ts'
import type { Place, Standing } from './steps.ts'

/** Fails, since nothing else computes with numbers of this size. */
const FAIL = 'SELECT abs(-9223372036854775807 - 1)'
const ROW = 'SELECT 1 FROM company_places WHERE company_id = ?1'

const ofCompany = (companyId: string, ...statements: string[]): Query[] =>
  statements.map((sql) => ({ sql, params: [companyId] }))

function isThere(place: Place | null): string {
  if (place === null) return `NOT EXISTS (${ROW})`
  const { state, database, since } = place
  return `EXISTS (${ROW} AND state = '${state}' AND database = '${database}' AND changed_at = ${since})`
}

/** Ends a batch unless the company's row is one of these; null: there is none. */
export function guard(companyId: string, allowed: readonly (Place | null)[]): Query {
  return { sql: `${FAIL} WHERE NOT (${allowed.map(isThere).join(' OR ')})`, params: [companyId] }
}

export function standingQueries(companyId: string): Query[] {
  return ofCompany(
    companyId,
    'SELECT state, database, changed_at AS since FROM company_places WHERE company_id = ?1',
    'SELECT name FROM companies WHERE id = ?1',
  )
}

export function standingOf(at: DatabaseName, [places = [], companies = []]: readonly Row[][]): Standing {
  const [place] = places
  // The columns have these types.
  return { at, hasCompany: companies.length > 0, place: place ? (place as unknown as Place) : null }
}

/** Puts the row that the step leaves in the place of the one that was seen. */
function change(companyId: string, seen: Place | null, after: Omit<Place, 'since'> | null): Query[] {
  if (after === null) {
    const remove = ofCompany(companyId, 'DELETE FROM company_places WHERE company_id = ?1')
    return [guard(companyId, [seen, null]), ...remove]
  }
  const place: Place = { ...after, since: Date.now() }
  const put = `INSERT INTO company_places (company_id, state, database, changed_at)
    VALUES (?1, '${place.state}', '${place.database}', ${place.since}) ON CONFLICT (company_id)
    DO UPDATE SET state = excluded.state, database = excluded.database, changed_at = excluded.changed_at`
  return [guard(companyId, [seen, place]), ...ofCompany(companyId, put)]
}

/** At the target, which until now forwards or knows nothing of the company, and must not be where it lives. */
export function announceQueries(companyId: string, seen: Place | null, from: DatabaseName): Query[] {
  return [
    ...ofCompany(companyId, `${FAIL} FROM companies WHERE id = ?1`),
    ...change(companyId, seen, { state: 'ARRIVING', database: from }),
  ]
}

/** At the source. */
export function freezeQueries(companyId: string, seen: Place | null, to: DatabaseName): Query[] {
  return change(companyId, seen, { state: 'LEAVING', database: to })
}

const USERS = '(SELECT id FROM users WHERE company_id = ?1)'

/**
 * At the source: from here on it forwards. Sessions and keys go in the same step, since a caller is forwarded who is not known.
 * In `DB`, what the users' own rows have told the directory is written down.
 */
export function switchQueries(
  companyId: string,
  seen: Place | null,
  { at, to }: { at: DatabaseName; to: DatabaseName },
): Query[] {
  const addresses = `INSERT INTO addresses (email_key, company_id, user_id)
    SELECT email_key, company_id, id FROM users WHERE company_id = ?1 AND erased_at IS NULL
    ON CONFLICT (email_key) DO UPDATE SET company_id = excluded.company_id, user_id = excluded.user_id, settle_at = NULL`
  return [
    ...change(companyId, seen, { state: 'ELSEWHERE', database: to }),
    ...ofCompany(
      companyId,
      ...(at === DIRECTORY ? [addresses] : []),
      `DELETE FROM sessions WHERE user_id IN ${USERS}`,
      `DELETE FROM access_keys WHERE user_id IN ${USERS}`,
    ),
  ]
}

/** At the target. In `DB`, the users' own rows are the directory from here on. */
export function openQueries(companyId: string, seen: Place | null, at: DatabaseName): Query[] {
  const addresses = 'DELETE FROM addresses WHERE company_id = ?1'
  return [...change(companyId, seen, null), ...(at === DIRECTORY ? ofCompany(companyId, addresses) : [])]
}

/** In a database that the company has left, or that has the directory; at the target of a move that is undone. */
export function forwardQueries(companyId: string, seen: Place | null, to: DatabaseName): Query[] {
  return change(companyId, seen, { state: 'ELSEWHERE', database: to })
}

/** At the source of a move that is undone: as if it went to where it is, which no switch accepts. */
export function turnQueries(companyId: string, seen: Place | null, at: DatabaseName): Query[] {
  return change(companyId, seen, { state: 'LEAVING', database: at })
}

/** At the source of a move that is undone. */
export function unfreezeQueries(companyId: string, seen: Place | null): Query[] {
  return change(companyId, seen, null)
}
