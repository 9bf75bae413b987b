/** An API request while it is handled: its facts, its caller, and its reads and writes in D1. */
import type { BatchResponse } from 'drizzle-orm/batch'
import type { Settings } from '../settings.ts'
import { isUseDue, noteKeyUse } from './access-keys.ts'
import type { Admission } from './admission.ts'
import type { Answer } from './answer.ts'
import type { Database, Meter } from './database.ts'
import type { IdempotencyKey } from './idempotency.ts'
import type { DatabaseName } from './place.ts'
import type { Copy, Reach } from './replicas.ts'
import { admit, type Caller, type Requirements, type Viewer, viewerStatement } from './session.ts'
import { hasten } from './webhook-messages.ts'
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
  /** The way to the databases. */
  reach: Reach
  /** The memory granted to the answer. */
  admission: Admission
  /** Work to do once the answer is made. It must not fail. */
  afterwards: (() => Promise<void>)[]
  /** For the log line; filled in once the caller is known. */
  who: { userId: string | null; companyId: string | null; database: DatabaseName | null }
}

/** Who reads, in which company, and as of which moment (Unix milliseconds). */
export interface ReadScope {
  companyId: string
  userId: string
  now: number
}

/**
 * A signed-in request. Each of its reads and writes checks session or key, and role, in D1 first: if they do not hold,
 * it throws 401 UNAUTHENTICATED or 403 FORBIDDEN.
 */
export class AuthorizedRequest {
  readonly caller: Caller
  /** The database of the caller's company. */
  readonly database: Database
  readonly now: number
  readonly scope: ReadScope
  readonly #facts: RequestFacts
  readonly #requires: Requirements
  #isUseNoted = false

  /** `copy`: which one of the database its reads may take; the primary if they guard a write. */
  constructor(facts: RequestFacts, caller: Caller, requires: Requirements, copy: Copy) {
    const { reach, now } = facts
    this.caller = caller
    this.database = reach.open(caller, copy)
    reach.own = caller.database
    this.now = now
    this.scope = { companyId: caller.companyId, userId: caller.userId, now }
    this.#facts = facts
    this.#requires = requires
  }

  /**
   * Runs the session check and `statements` in one batch. Throws 401 UNAUTHENTICATED or 403 FORBIDDEN before any row is
   * returned.
   */
  async read<Loads extends readonly Statement[]>(
    statements: Loads,
  ): Promise<{ viewer: Viewer; rows: BatchResponse<[...Loads]> }> {
    const { database, now } = this
    const [viewers, ...rows] = await database.batch([
      viewerStatement(database, this.caller, now),
      ...statements,
    ])
    // drizzle returns the results in the order of the statements; only the tuple type is lost in the spread.
    return { viewer: this.#admit(viewers), rows: rows }
  }

  /**
   * A read whose answer may be large. `statements(most)` must give no rows of the large part if that weighs more than
   * `most` bytes; `weigh` finds the weight in the rows. A large answer is then read a second time, once there is memory
   * for it. Throws 401 UNAUTHENTICATED, 403 FORBIDDEN, 503 BUSY.
   */
  async readWeighed<Loads extends readonly Statement[]>(
    statements: (most: number) => Loads,
    weigh: (rows: BatchResponse<[...Loads]>) => number,
  ): Promise<{ viewer: Viewer; rows: BatchResponse<[...Loads]> }> {
    const { admission } = this.#facts
    for (let most = await admission.light(this.database); ;) {
      const read = await this.read(statements(most))
      const bytes = weigh(read.rows)
      if (bytes <= most) return read
      // Some bytes more, in case the data grows before the second read.
      most = await admission.heavy(bytes + GROWTH_BYTES, this.database)
    }
  }

  /** Reserves memory for a small answer; returns the bytes that the answer may have. Throws 503 BUSY. */
  async light(): Promise<number> {
    return this.#facts.admission.light(this.database)
  }

  /**
   * Waits for memory for an answer of about `bytes`, in place of the earlier grant. Throws 503 BUSY if it takes too
   * long.
   */
  async heavy(bytes: number): Promise<void> {
    await this.#facts.admission.heavy(bytes, this.database)
  }

  /** Throws 401 UNAUTHENTICATED or 403 FORBIDDEN if the caller may not use the endpoint. */
  async verify(): Promise<void> {
    await this.read([])
  }

  /** A guarded write; `carryOut` documents its steps and its problems. */
  async write<Loads extends readonly Statement[]>(write: Write<Loads>): Promise<Answer> {
    return carryOut(this.#writeContext(), write)
  }

  /** A guarded write that an Idempotency-Key makes repeatable; `carryOutOnce` documents its steps and its problems. */
  async writeOnce<Loads extends readonly Statement[], Facts>(
    write: RepeatableWrite<Loads, Facts>,
    key: IdempotencyKey | null,
  ): Promise<{ answer: Answer; replayed: boolean }> {
    return carryOutOnce(this.#writeContext(), write, key)
  }

  /** `admit`, which also notes that a key was used, even if it may not do this. */
  #admit(viewers: readonly Viewer[]): Viewer {
    const [viewer] = viewers
    if (viewer && !this.#isUseNoted && isUseDue(viewer, this.now)) {
      this.#isUseNoted = true
      const { env, id, afterwards } = this.#facts
      afterwards.push(() => noteKeyUse(env, this.caller, this.now, id))
    }
    return admit(viewers, this.#requires)
  }

  #writeContext(): WriteContext {
    const { database, caller, now } = this
    const companyLimit = this.#facts.settings.COMPANY_MAX_MIB * 1024 * 1024
    const admitted = (viewers: readonly Viewer[]) => this.#admit(viewers)
    const hastening = () => {
      const { env, id, afterwards } = this.#facts
      afterwards.push(() => hasten(env, database, [{ companyId: caller.companyId }], id))
    }
    return {
      ...{ database, caller, now, companyLimit },
      ...{ requires: this.#requires, admit: admitted, hasten: hastening },
    }
  }
}
