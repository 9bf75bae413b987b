/**
 * Read replicas of D1, through its Sessions API. A read may be answered by a copy near the caller, which lags behind the
 * primary; whoever sends back the bookmark of an earlier answer sees at least that state. Writes, and every read that guards
 * one, go to the primary. docs/decisions/read-replicas.md.
 */
import {
  type Client,
  type Database,
  databaseNames,
  databaseOf,
  DatabaseUnavailable,
  type Meter,
} from './database.ts'
import { within } from './patience.ts'
import { type DatabaseName, isDatabaseName, type Place } from './place.ts'
import { Problem } from './problem.ts'

export const BOOKMARK_HEADER = 'X-D1-Bookmark'

/** Which copy of a database is asked. */
export type Copy = 'nearest' | 'primary'

/** A state of one database. D1's bookmarks of one database sort by age as texts. */
interface Bookmark {
  at: DatabaseName
  text: string
}

type Home = Pick<Place, 'database'>

/** How one request reaches its databases. Without replicas, plainly, and there are no bookmarks. */
export class Reach {
  /** The database whose state the answer tells: that of the caller's company, once it is known. */
  own: DatabaseName | null = null
  readonly #env: object
  readonly #meter: Meter
  readonly #hasReplicas: boolean
  readonly #asked: Bookmark | null
  readonly #sessions: { at: DatabaseName; copy: Copy; session: D1DatabaseSession }[] = []
  #nearest = new Map<DatabaseName, D1DatabaseSession>()
  #wasReplicaAsked = false

  /** `asked`: the header with the bookmark; one that is none is ignored. */
  constructor(
    env: object,
    meter: Meter,
    { hasReplicas, asked }: { hasReplicas: boolean; asked: string | null },
  ) {
    this.#env = env
    this.#meter = meter
    this.#hasReplicas = hasReplicas
    this.#asked = asked === null ? null : bookmarkIn(asked)
  }

  /** The database, in that copy of it. All batches of a request in the nearest copy see one state or later ones. */
  open(home: Home, copy: Copy): Database {
    if (!this.#hasReplicas) return databaseOf(this.#env, home, this.#meter)
    const at = home.database
    return databaseOf(this.#env, home, this.#meter, {
      client: (d1) =>
        copy === 'nearest' ? this.#nearestOf(at, d1) : this.#begin(at, copy, d1, 'first-primary'),
      heard: (results) => {
        if (!results.every(({ meta }) => meta.served_by_primary === true)) this.#wasReplicaAsked = true
      },
    })
  }

  /** All databases, in that copy of them. */
  openEach(copy: Copy): readonly Database[] {
    return databaseNames(this.#env).map((database) => this.open({ database }, copy))
  }

  /**
   * What `read` makes of the nearest copies. If that is null, 401 or 404, a replica may not know it yet: then, and if a copy does
   * not answer, it is what `read` makes of the primaries. `again` is called in between.
   */
  async nearestFirst<Found>(read: (copy: Copy) => Promise<Found>, again?: () => void): Promise<Found> {
    if (!this.#hasReplicas) return read('primary')
    try {
      const found = await read('nearest')
      if (found !== null || !this.#wasReplicaAsked) return found
    } catch (error) {
      const mayPrimaryKnow = this.#wasReplicaAsked && isUnknown(error)
      if (!mayPrimaryKnow && !(error instanceof DatabaseUnavailable)) throw error
    }
    again?.()
    return read('primary')
  }

  /** The header that tells the state of the caller's database after the request; null without replicas or such a database. */
  bookmark(): string | null {
    const ofOwn = this.#sessions.filter(({ at }) => at === this.own)
    const ofPrimary = ofOwn.filter(({ copy }) => copy === 'primary')
    // A bookmark that was sent to a replica in vain may be of no database at all: then the primary was asked too.
    const texts = (ofPrimary.length > 0 ? ofPrimary : ofOwn).map(({ session }) => session.getBookmark())
    const last = texts
      .filter((text) => text !== null)
      .sort()
      .at(-1)
    return this.own === null || last === undefined ? null : `${this.own}.${last}`
  }

  #nearestOf(at: DatabaseName, d1: D1Database): Client {
    const known = this.#nearest.get(at)
    if (known) return known
    const asked = this.#asked?.at === at ? this.#asked.text : null
    const session = this.#begin(at, 'nearest', d1, asked ?? 'first-unconstrained')
    this.#nearest.set(at, session)
    return asked === null ? session : impatient(session)
  }

  #begin(at: DatabaseName, copy: Copy, d1: D1Database, start: string): D1DatabaseSession {
    const session = d1.withSession(start)
    this.#sessions.push({ at, copy, session })
    return session
  }
}

const PATIENCE_MILLISECONDS = 5_000

/**
 * The session for its first batch, which fails after some seconds: D1 has a replica wait until it has what the bookmark tells of,
 * however far it lags behind, and even if that state never was.
 */
function impatient(session: D1DatabaseSession): Client {
  return {
    prepare: (sql) => session.prepare(sql),
    batch<T>(statements: D1PreparedStatement[]) {
      const late = () => new Error('A replica is too far behind')
      return within(PATIENCE_MILLISECONDS, session.batch<T>(statements), late)
    },
  }
}

/** Whether a caller or something at a path was not found. */
function isUnknown(error: unknown): boolean {
  return error instanceof Problem && (error.status === 401 || error.status === 404)
}

/** The bookmark in the text: the name of the database, a dot, and groups of hexadecimal digits as D1 gives them. */
function bookmarkIn(text: string): Bookmark | null {
  const [at = '', bookmark = '', ...rest] = text.split('.')
  if (!isDatabaseName(at) || rest.length > 0 || !/^[0-9a-f]{1,64}(-[0-9a-f]{1,64}){0,7}$/.test(bookmark))
    return null
  return { at, text: bookmark }
}
