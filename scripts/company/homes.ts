/** Which database a company is in, for commands that work on all of them. */
import { type DatabaseName, DIRECTORY } from '../../src/platform/place.ts'
import { standingOf, standingQueries } from './move/places-sql.ts'
import { doubtOf, homeOf, type Standing } from './move/steps.ts'
import type { Execute, Stores } from './stores.ts'

export function executeAt(stores: Stores, at: DatabaseName): Execute {
  return (queries) => stores.execute(queries, at)
}

/** What each database has of the company. */
export async function standingsOf(stores: Stores, companyId: string): Promise<Standing[]> {
  const rows = await Promise.all(
    stores.databases.map(async (at) => ({ at, found: await stores.execute(standingQueries(companyId), at) })),
  )
  return rows.map(({ at, found }) => standingOf(at, found))
}

/**
 * Where the company is; null if there is no such company.
 * @throws Error while it is on its way to another database, or two have it
 */
export async function homeToStay(stores: Stores, companyId: string): Promise<DatabaseName | null> {
  const standings = await standingsOf(stores, companyId)
  const doubt = doubtOf(standings)
  if (doubt !== null) throw new Error(`Nothing was done: ${doubt}.`)
  const home = homeOf(standings)
  if (home) return home.at
  // A company that is moving has rows where it leaves or arrives; one that has left for good may have some there still.
  if (standings.some(({ hasCompany, place }) => hasCompany && place?.state !== 'ELSEWHERE')) {
    throw new Error(
      `Nothing was done: the company ${companyId} is on its way to another database. Finish the move, or undo it.`,
    )
  }
  return null
}

/** Removes what the directory and forwarding rows know of a company that is gone. */
export async function forget(stores: Stores, companyId: string): Promise<void> {
  const traces = ['company_places', 'addresses'].map((table) => ({
    sql: `DELETE FROM ${table} WHERE company_id = ?1`,
    params: [companyId],
  }))
  // The directory last: without the others, nothing leads to the company any more.
  const others = stores.databases.filter((at) => at !== DIRECTORY)
  for (const at of [...others, DIRECTORY] as const) await stores.execute(traces, at)
}
