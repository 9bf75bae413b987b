/** One API request on its way: input checked, caller known, and the two ways to D1. */
import type { BatchResponse } from 'drizzle-orm/batch'
import type { Settings } from '../settings.ts'
import type { Admission } from './admission.ts'
import type { Answer } from './answer.ts'
import { type Database, databaseOf, type Meter } from './database.ts'
import type { IdempotencyKey } from './idempotency.ts'
import { type Access, admit, type Caller, type Viewer, viewerStatement } from './session.ts'
import {
  carryOut,
  carryOutOnce,
  type RepeatableWrite,
  type Statement,
  type Write,
  type WriteContext,
} from './write.ts'

const GROWTH_BYTES = 64 * 1024

/** What every request has, signed in or not. */
export interface RequestFacts {
  id: string
  /** Unix milliseconds, one moment for the whole request. */
  now: number
  raw: Request
  env: Env
  settings: Settings
  meter: Meter
  /** What it has been granted of the isolate's memory. */
  admission: Admission
  /** For the log; filled in once the caller is known. */
  who: { userId: string | null; companyId: string | null }
}

/** Who reads, in which company, as of when (Unix milliseconds). */
export interface ReadScope {
  companyId: string
  userId: string
  now: number
}

/** A signed-in request: its reads and writes begin with the truth about the session. */
export class AuthorizedRequest {
  readonly caller: Caller
  /** The database of the caller's company. */
  readonly database: Database
  readonly now: number
  readonly scope: ReadScope
  readonly #facts: RequestFacts
  readonly #access: Access

  constructor(facts: RequestFacts, caller: Caller, access: Access) {
    const { env, meter, now } = facts
    this.caller = caller
    this.database = databaseOf(env, caller.companyId, meter)
    this.now = now
    this.scope = { companyId: caller.companyId, userId: caller.userId, now }
    this.#facts = facts
    this.#access = access
  }

  /**
   * One batch: the session's truth, then `statements`. Throws 401 or 403 before anything of them is looked at.
   */
  async read<Loads extends readonly Statement[]>(
    statements: Loads,
  ): Promise<{ viewer: Viewer; rows: BatchResponse<[...Loads]> }> {
    const { database, now } = this
    const [viewers, ...rows] = await database.batch([
      viewerStatement(database, this.caller, now),
      ...statements,
    ])
    // drizzle answers each statement in its place; the tuple type is lost in the spread.
    return { viewer: admit(viewers, this.#access), rows: rows }
  }

  /**
   * A read whose answer may be heavy: `statements` for at most so many bytes, which give no such rows when it is more,
   * and `weigh`, which tells from their rows how much it is. Most answers are light and take one batch; a heavy one is
   * read again when there is room for it. Throws 503 BUSY when there is none in time.
   */
  async readWeighed<Loads extends readonly Statement[]>(
    statements: (most: number) => Loads,
    weigh: (rows: BatchResponse<[...Loads]>) => number,
  ): Promise<{ viewer: Viewer; rows: BatchResponse<[...Loads]> }> {
    const { admission } = this.#facts
    for (let most = await admission.light(); ;) {
      const read = await this.read(statements(most))
      const bytes = weigh(read.rows)
      if (bytes <= most) return read
      // Somewhat more, in case it grows meanwhile.
      most = await admission.heavy(bytes + GROWTH_BYTES)
    }
  }

  /** A little room for an answer; the bytes that it may have. */
  async light(): Promise<number> {
    return this.#facts.admission.light()
  }

  /** Room for an answer of about `bytes`, in place of what was granted before; waits for its turn, or throws 503 BUSY. */
  async heavy(bytes: number): Promise<void> {
    await this.#facts.admission.heavy(bytes)
  }

  /** Throws 401 or 403 if the caller may not even ask. */
  async verify(): Promise<void> {
    await this.read([])
  }

  /** A guarded write, see `carryOut`. */
  async write<Loads extends readonly Statement[]>(write: Write<Loads>): Promise<Answer> {
    return carryOut(this.#writeContext(), write)
  }

  /** A guarded write that a key makes repeatable, see `carryOutOnce`. */
  async writeOnce<Loads extends readonly Statement[], Facts>(
    write: RepeatableWrite<Loads, Facts>,
    key: IdempotencyKey | null,
  ): Promise<{ answer: Answer; replayed: boolean }> {
    return carryOutOnce(this.#writeContext(), write, key)
  }

  #writeContext(): WriteContext {
    const { database, caller, now } = this
    const companyLimit = this.#facts.settings.COMPANY_MAX_MIB * 1024 * 1024
    return { database, caller, access: this.#access, now, companyLimit }
  }
}
