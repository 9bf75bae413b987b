/** One API request on its way: input checked, caller known, and the two ways to D1. */
import type { BatchResponse } from 'drizzle-orm/batch'
import type { Settings } from '../settings.ts'
import type { Answer } from './answer.ts'
import type { Database, Meter } from './database.ts'
import type { IdempotencyKey } from './idempotency.ts'
import { type Access, admit, type Caller, type Viewer, viewerStatement } from './session.ts'
import { carryOut, type Statement, type Write } from './write.ts'

/** What every request has, signed in or not. */
export interface RequestFacts {
  id: string
  /** Unix milliseconds, one moment for the whole request. */
  now: number
  raw: Request
  env: Env
  settings: Settings
  meter: Meter
  database: Database
  /** For the log; filled in once the caller is known. */
  who: { userId: string | null; companyId: string | null }
}

/** A signed-in request: reads and writes begin with the truth about its session. */
export class Gate {
  readonly #facts: RequestFacts
  readonly caller: Caller
  readonly #access: Access

  constructor(facts: RequestFacts, caller: Caller, access: Access) {
    this.#facts = facts
    this.caller = caller
    this.#access = access
  }

  /** One batch: the session's truth, then `statements`. 401 or 403 before anything of them is looked at. */
  async read<Loads extends readonly Statement[]>(
    statements: Loads,
  ): Promise<{ viewer: Viewer; rows: BatchResponse<[...Loads]> }> {
    const { database, now } = this.#facts
    const [viewerRows, ...rows] = await database.batch([
      viewerStatement(database, this.caller, now),
      ...statements,
    ])
    // drizzle answers each statement in its place; the tuple type is lost in the spread.
    return { viewer: admit(viewerRows, this.#access), rows: rows }
  }

  /** 401 or 403 if the caller may not even ask. */
  async verify(): Promise<Viewer> {
    return (await this.read([])).viewer
  }

  /** A guarded write, see platform/write.ts. */
  async write<Loads extends readonly Statement[]>(
    write: Write<Loads>,
    idempotencyKey: IdempotencyKey | null = null,
  ): Promise<{ answer: Answer; replayed: boolean }> {
    const { database, now } = this.#facts
    return carryOut({ database, caller: this.caller, access: this.#access, now, idempotencyKey }, write)
  }
}
