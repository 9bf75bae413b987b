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
import { type DatabaseName, DIRECTORY, type Place } from '../platform/place.ts'
import type { Reach } from '../platform/replicas.ts'
import { type PlaceState, staying } from './staying-store.ts'
import { homesOfAddress, placeOf } from './store.ts'

/** Forwarding rows can be followed no further than there are databases; a company that moves meanwhile is found soon after. */
const MOST_HOPS = 4

/**
 * Where sign-in codes of an address are, and its user if there is one, for writes that wait while the company is moved. Codes
 * of addresses that nobody has are in `DB`, and asking costs the same for each. Throws DatabaseUnavailable if the directory
 * does not answer.
 */
export async function databaseForAddress(reach: Reach, emailKey: string): Promise<Database> {
  const directory = reach.open({ database: DIRECTORY }, 'primary')
  if (directory.isAlone) return directory
  const [[elsewhere], [here]] = await directory.batch(homesOfAddress(directory, emailKey))
  const home = elsewhere ?? here
  return home ? staying(reach.open(home, 'primary'), home.companyId) : directory
}

/**
 * Where a company is now that is not where it was; null if nothing says that it has moved. One that arrives is where it comes
 * from, until that forwards to where it arrives: then all of it is there.
 */
export async function movedTo(env: object, place: Place, meter: Meter): Promise<DatabaseName | null> {
  if (databaseNames(env).length === 1) return null
  const ask = async (name: DatabaseName) => {
    const database = databaseOf(env, { database: name }, meter)
    const [[found]] = await database.batch([placeOf(database, place.companyId)])
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
 * Where the directory says that a company is whose database does not answer; null if it is there, on the way, or the directory
 * does not answer either. Somebody whose session or key has not been used since the company moved may come to the old database.
 */
export async function knownElsewhere(env: object, place: Place, meter: Meter): Promise<DatabaseName | null> {
  const directory = directoryOf(env, meter)
  if (directory.isAlone || place.database === DIRECTORY) return null
  const found = await directory.batch([placeOf(directory, place.companyId)]).catch(() => null)
  if (!found) return null
  const [[known]] = found
  if (!known) return DIRECTORY
  return known.state !== 'ELSEWHERE' || known.database === place.database ? null : known.database
}

/** Something found in a database, and what the database says of where its company is. */
interface Findable {
  state: PlaceState | null
}

/** What `findAnywhere` may know. */
interface Search {
  /** Whose it is, and where that company was some time ago. */
  hint?: Place | null
  /** The databases, in the copies that are to be asked. */
  databases?: readonly Database[]
}

/**
 * Looks for something of which nobody knows for certain where it is: where its company was, and if that has moved, where it is
 * now; without a hint in `DB`; and if it is in neither, in all others at once, of which the first that has it is enough. Of two
 * ends of a move, the one counts that has all rows. Null if no database has it. Throws DatabaseUnavailable if it was not found for
 * certain and a database did not answer.
 */
export async function findAnywhere<Found extends Findable>(
  env: object,
  meter: Meter,
  look: (database: Database) => Promise<Found | null>,
  { hint = null, databases = eachDatabase(env, meter) }: Search = {},
): Promise<Found | null> {
  const failures: DatabaseUnavailable[] = []
  const orNull = (error: unknown) => {
    if (!(error instanceof DatabaseUnavailable)) throw error
    failures.push(error)
    return null
  }
  const asked = new Map<DatabaseName, Promise<Found | null>>()
  const ask = (database: Database) => {
    const answer = asked.get(database.at) ?? look(database).catch(orNull)
    asked.set(database.at, answer)
    return answer
  }
  const askAt = async (name: DatabaseName) => {
    const database = databases.find(({ at }) => at === name)
    const found = database ? await ask(database) : null
    return found && isWhole(found) ? found : null
  }
  const known = hint && databases.some(({ at }) => at === hint.database) ? hint : null
  const there = await askAt(known?.database ?? DIRECTORY)
  if (there) return there
  // A database that did not answer is not asked again.
  const now = known && failures.length === 0 ? await movedTo(env, known, meter).catch(orNull) : null
  const arrived = now && (await askAt(now))
  if (arrived) return arrived
  const answers = databases.map(ask)
  const whole = await firstWhole(answers)
  if (whole) return whole
  const found = (await Promise.all(answers)).filter((each) => each !== null)
  if (failures[0]) throw failures[0]
  // After the switch and before it opens, a company is only where it arrives; the copy is complete then.
  return found.find(({ state }) => state === 'ARRIVING') ?? null
}

/** The first to come of what has all rows; null once all have come without. */
async function firstWhole<Found extends Findable>(
  asked: readonly Promise<Found | null>[],
): Promise<Found | null> {
  const wholes = asked.map(async (each) => {
    const found = await each
    if (found && isWhole(found)) return found
    throw new Error('It is not there')
  })
  return Promise.any(wholes).catch(() => null)
}

function isWhole({ state }: Findable): boolean {
  return state === null || state === 'LEAVING'
}
