/** Finds the database in which something is. With one database bound, none of this costs a call of D1. */
import {
  databaseNames,
  type Database,
  databaseOf,
  DatabaseUnavailable,
  directoryOf,
  eachDatabase,
  type Meter,
} from '../platform/database.ts'
import type { DatabaseName, Place } from '../platform/place.ts'
import { staying } from './staying-store.ts'
import { forwardingOf, homesOfAddress } from './store.ts'

/** Forwarding rows can be followed no further than there are databases; a company that moves meanwhile is found soon after. */
const MOST_HOPS = 4

/**
 * Where sign-in codes of an address are, and its user if there is one, for writes that wait while the company is moved. Codes
 * of addresses that nobody has are in `DB`, and asking costs the same for each. Throws DatabaseUnavailable if the directory
 * does not answer.
 */
export async function databaseForAddress(env: object, emailKey: string, meter: Meter): Promise<Database> {
  const directory = directoryOf(env, meter)
  if (directory.isAlone) return directory
  const [[elsewhere], [here]] = await directory.batch(homesOfAddress(directory, emailKey))
  const home = elsewhere ?? here
  return home ? staying(databaseOf(env, home, meter), home.companyId) : directory
}

/**
 * Where a company is now that is not where it was; null if nothing says that it has moved. One that arrives is where it comes
 * from, until that forwards to where it arrives: then all of it is there.
 */
export async function movedTo(env: object, place: Place, meter: Meter): Promise<DatabaseName | null> {
  if (databaseNames(env).length === 1) return null
  const ask = async (name: DatabaseName) => {
    const database = databaseOf(env, { database: name }, meter)
    const [[found]] = await database.batch([forwardingOf(database, place.companyId)])
    return found
  }
  let at: DatabaseName | null = null
  let before: DatabaseName | null = null
  for (let hop = 1; hop <= MOST_HOPS; hop += 1) {
    const here: DatabaseName = at ?? place.database
    const next = await ask(here)
    if (!next || next.state === 'LEAVING') break
    if (next.state === 'ARRIVING' && (next.database === before || !(await ask(next.database)))) break
    before = here
    at = next.database
  }
  return at
}

/**
 * Looks for something that names no database: in `DB`, and if it is not there, in all others at once. Null if no database has
 * it. Throws DatabaseUnavailable if it was not found and a database did not answer.
 */
export async function findAnywhere<Found>(
  env: object,
  meter: Meter,
  look: (database: Database) => Promise<Found | null>,
): Promise<Found | null> {
  const failures: DatabaseUnavailable[] = []
  const ask = async (database: Database) => {
    try {
      return await look(database)
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable)) throw error
      failures.push(error)
      return null
    }
  }
  const [directory, ...others] = eachDatabase(env, meter)
  const found = directory ? await ask(directory) : null
  if (found !== null) return found
  const elsewhere = (await Promise.all(others.map(ask))).find((each) => each !== null)
  if (elsewhere !== undefined) return elsewhere
  if (failures[0]) throw failures[0]
  return null
}
