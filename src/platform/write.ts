/**
 * The one write path. Two batches: load (session, kept answer, what the decision needs) and then, in one atomic step,
 * guard, effects and what a repeated request is answered from. When the guard does not hold, somebody wrote in
 * between: the decision is taken again on fresh rows, so a caller gets the problem that is true now, or succeeds.
 */
import { eq, type SQL, sql } from 'drizzle-orm'
import type { BatchItem, BatchResponse } from 'drizzle-orm/batch'
import { allOf, excluded } from '../db/rows.ts'
import { companies, writeGuards } from '../db/schema.ts'
import type { Answer } from './answer.ts'
import { conflictIn, type Database } from './database.ts'
import {
  findRecord,
  type IdempotencyKey,
  isRepeated,
  keepFacts,
  keptBytes,
  refuseReuse,
} from './idempotency.ts'
import { companyFull } from './limits.ts'
import { Problem } from './problem.ts'
import { type Access, admit, type Caller, sessionGuard, type Viewer, viewerStatement } from './session.ts'

export type Statement = BatchItem<'sqlite'>

interface Change {
  /** What must still hold at the moment of the effect: an expression that is 1 then. */
  condition?: SQL
  /** None: nothing changes, and nothing is written. */
  effects: readonly Statement[]
  /** Bytes by which what the company keeps grows (triggers keep the sum); a company that is full refuses them. */
  adds?: number
}

export interface Decision extends Change {
  answer: Answer | LaterAnswer
}

/** An answer that is read in the same atomic step, after the effects. */
class LaterAnswer {
  readonly reads: readonly Statement[]
  readonly make: (rows: unknown[]) => Promise<Answer>

  constructor(reads: readonly Statement[], make: (rows: unknown[]) => Promise<Answer>) {
    this.reads = reads
    this.make = make
  }
}

/** The answer that `make` gives for the rows of `reads`. */
export function answerOf<Reads extends readonly Statement[]>(
  reads: Reads,
  make: (rows: BatchResponse<[...Reads]>) => Promise<Answer>,
): LaterAnswer {
  // drizzle answers each statement in its place.
  return new LaterAnswer(reads, (rows) => make(rows as BatchResponse<[...Reads]>))
}

export interface Write<Loads extends readonly Statement[]> {
  load: Loads
  /** Decides on what was loaded; throws the problem when it may not be. */
  decide(viewer: Viewer, rows: BatchResponse<[...Loads]>): Decision | Promise<Decision>
}

/**
 * A write that an Idempotency-Key makes repeatable. Its answer is a function of the request, of the moment `at` and of
 * a few facts (as JSON); with a key these are kept, and the same function answers the repetition.
 */
export interface RepeatableWrite<Loads extends readonly Statement[], Facts> {
  load: Loads
  decide(
    viewer: Viewer,
    rows: BatchResponse<[...Loads]>,
  ): (Change & { facts: Facts }) | Promise<Change & { facts: Facts }>
  answer(facts: Facts, at: number, viewer: Viewer): Answer | Promise<Answer>
}

export interface WriteContext {
  database: Database
  caller: Caller
  access: Access
  now: number
  /** Bytes that a company may keep. */
  companyLimit: number
}

/** A write is decided anew so often, at most, because others write the same. */
const MOST_TRIES = 20
/** A broken constraint that persists is no race. */
const MOST_CONSTRAINT_TRIES = 5

/** Carries a write out. Throws what `decide` throws, 409 COMPANY_FULL or WRITE_CONFLICT, 401 and 403. */
export async function carryOut<Loads extends readonly Statement[]>(
  context: WriteContext,
  write: Write<Loads>,
): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const { viewer, storedBytes, rows } = await loadAll(context, write.load, null)
    const decision = await write.decide(viewer, rows)
    const answer = await attempt(context, { ...decision, kept: [] }, storedBytes, tries)
    if (answer) return answer
  }
}

/**
 * Carries a repeatable write out; `replayed` tells that nothing was done because it had been done before. Throws like
 * `carryOut`, and 422 IDEMPOTENCY_KEY_REUSED.
 */
export async function carryOutOnce<Loads extends readonly Statement[], Facts>(
  context: WriteContext,
  write: RepeatableWrite<Loads, Facts>,
  key: IdempotencyKey | null,
): Promise<{ answer: Answer; replayed: boolean }> {
  const { database, now } = context
  for (let tries = 1; ; tries += 1) {
    const { viewer, storedBytes, record, rows } = await loadAll(context, write.load, key)
    if (key && record && isRepeated(record, key)) {
      // Written below, as JSON of the same write's facts.
      const answer = await write.answer(JSON.parse(record.facts) as Facts, record.createdAt, viewer)
      return { answer: { ...answer, headers: { ...answer.headers, ...REPLAYED } }, replayed: true }
    }
    const { facts, adds = 0, ...change } = await write.decide(viewer, rows)
    refuseReuse(record)
    const kept = JSON.stringify(facts)
    const decision = {
      ...change,
      answer: await write.answer(facts, now, viewer),
      kept: key ? keepFacts(database, key, kept, now) : [],
      adds: adds + (key ? keptBytes(kept) : 0),
    }
    const answer = await attempt(context, decision, storedBytes, tries)
    if (answer) return { answer, replayed: false }
  }
}

const REPLAYED = { 'Idempotent-Replayed': 'true' }

async function loadAll<Loads extends readonly Statement[]>(
  { database, caller, access, now }: WriteContext,
  statements: Loads,
  key: IdempotencyKey | null,
) {
  const record = key ? [findRecord(database, key, now)] : []
  const [viewers, [company], ...rest] = await database.batch([
    viewerStatement(database, caller, now),
    database
      .select({ storedBytes: companies.storedBytes })
      .from(companies)
      .where(eq(companies.id, caller.companyId)),
    ...record,
    ...statements,
  ])
  const viewer = admit(viewers, access)
  // drizzle keeps the order of statements, so what follows the record belongs to `statements`.
  const rows = rest.slice(record.length) as BatchResponse<[...Loads]>
  const [found] = (key ? rest[0] : []) as Awaited<ReturnType<typeof findRecord>>
  return { viewer, record: found, storedBytes: company?.storedBytes ?? 0, rows }
}

/** The answer once the effects are stored; null when the batch lost against another write. */
async function attempt(
  context: WriteContext,
  decision: Decision & { kept: readonly Statement[] },
  storedBytes: number,
  tries: number,
): Promise<Answer | null> {
  const { answer, effects, kept, adds = 0 } = decision
  const { database, companyLimit } = context
  if (effects.length === 0) return answer instanceof LaterAnswer ? readNow(database, answer) : answer
  if (adds > 0 && storedBytes + adds > companyLimit) throw companyFull(companyLimit)
  const reads = answer instanceof LaterAnswer ? answer.reads : []
  let results: unknown[]
  try {
    results = await database.batch([guard(context, decision), ...effects, ...kept, ...reads])
  } catch (error) {
    await waitForNextTry(error, tries)
    return null
  }
  // It is done: nothing from here on may lead to another try.
  return answer instanceof LaterAnswer ? answer.make(results.slice(-reads.length)) : answer
}

/** The answer of a write that changes nothing. */
async function readNow(database: Database, { reads, make }: LaterAnswer): Promise<Answer> {
  const [first, ...rest] = reads
  return make(first ? await database.batch([first, ...rest]) : [])
}

/** A NULL here breaks the NOT NULL of write_guards and with it the whole batch. */
function guard(
  { database, caller, access, now, companyLimit }: WriteContext,
  { condition, adds = 0 }: Change,
): Statement {
  const room = sql`EXISTS (SELECT 1 FROM ${companies} WHERE ${companies.id} = ${caller.companyId}
    AND ${companies.storedBytes} + ${adds} <= ${companyLimit})`
  const state = allOf([...(condition ? [sql`(${condition})`] : []), ...(adds > 0 ? [room] : [])])
  return guardRow(database, 1, sessionGuard(caller, access, now), sql`CASE WHEN ${state} THEN 1 END`)
}

/** Fails, and with it the batch that it is part of, if `session` or `state` is NULL. */
export function guardRow(database: Database, id: number, session: SQL, state: SQL) {
  return database
    .insert(writeGuards)
    .values({ id, session, state })
    .onConflictDoUpdate({
      target: writeGuards.id,
      set: { session: excluded(writeGuards.session), state: excluded(writeGuards.state) },
    })
}

async function waitForNextTry(error: unknown, tries: number): Promise<void> {
  const conflict = conflictIn(error)
  if (conflict === null) throw error
  if (conflict === 'constraint' && tries >= MOST_CONSTRAINT_TRIES) throw error
  if (tries >= MOST_TRIES) {
    throw new Problem('WRITE_CONFLICT', undefined, { headers: { 'Retry-After': '1' } })
  }
  // Longer each time and never the same, so that many who collide come one by one.
  if (tries > 1) await scheduler.wait(Math.random() * Math.min(5 * 2 ** tries, 1000))
}
