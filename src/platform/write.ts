/**
 * The one write path. Two batches: load (session, earlier answer, what the decision needs) and then, in one
 * atomic step, guard, effect and kept answer. When the guard does not hold, somebody wrote in between: the
 * decision is taken again on fresh rows, so a caller gets the problem that is true now, or succeeds.
 */
import { eq, type SQL, sql } from 'drizzle-orm'
import type { BatchItem, BatchResponse } from 'drizzle-orm/batch'
import { companies, writeGuards } from '../db/schema.ts'
import type { Answer, SmallAnswer } from './answer.ts'
import { conflictIn, type Database } from './database.ts'
import { findRecord, type IdempotencyKey, keepAnswer, refuseReuse, replayOf } from './idempotency.ts'
import { companyFull, ROW_BYTES } from './limits.ts'
import { Problem } from './problem.ts'
import { type Access, admit, type Caller, sessionGuard, type Viewer, viewerStatement } from './session.ts'
import { byteLengthOf } from './text.ts'

export type Statement = BatchItem<'sqlite'>

export interface Decision {
  /** What must still hold at the moment of the effect: an expression that is 1 then. */
  condition?: SQL
  /** None: nothing changes, and nothing is written. */
  effects: readonly Statement[]
  /** Bytes by which what the company keeps grows (triggers keep the sum); a company that is full refuses them. */
  adds?: number
  answer: SmallAnswer | LaterAnswer
}

/** An answer that is read in the same atomic step, after the effects; no Idempotency-Key keeps it. */
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

interface WriteContext {
  database: Database
  caller: Caller
  access: Access
  now: number
  idempotencyKey: IdempotencyKey | null
  /** Bytes that a company may keep. */
  companyLimit: number
}

const MOST_TRIES = 300
/** A broken constraint that persists is no race. */
const MOST_CONSTRAINT_TRIES = 5

/** Carries a write out; `replayed` tells that nothing was done because it had been done before. */
export async function carryOut<Loads extends readonly Statement[]>(
  context: WriteContext,
  write: Write<Loads>,
): Promise<{ answer: Answer; replayed: boolean }> {
  for (let tries = 1; ; tries += 1) {
    const { viewer, record, storedBytes, rows } = await load(context, write.load)
    const replay = context.idempotencyKey && replayOf(record, context.idempotencyKey)
    if (replay) return { answer: replay, replayed: true }
    const decision = await write.decide(viewer, rows)
    refuseReuse(record)
    const { answer, effects } = decision
    if (effects.length === 0) return { answer: await finish(context, answer), replayed: false }
    const adds = addedBytes(context, decision)
    if (adds > 0 && storedBytes + adds > context.companyLimit) throw companyFull(context.companyLimit)
    const results = await commit(context, effectBatch(context, decision, adds), tries)
    if (results === null) continue
    // It is done: nothing from here on may lead to another try.
    if (!(answer instanceof LaterAnswer)) return { answer, replayed: false }
    return { answer: await answer.make(results.slice(-answer.reads.length)), replayed: false }
  }
}

/** The results of the batch; null when it lost against another write and is to be decided again. */
async function commit(
  { database }: WriteContext,
  batch: [Statement, ...Statement[]],
  tries: number,
): Promise<unknown[] | null> {
  try {
    return await database.batch(batch)
  } catch (error) {
    await waitForNextTry(error, tries)
    return null
  }
}

/** The answer of a write that changes nothing. */
async function finish({ database }: WriteContext, answer: Decision['answer']): Promise<Answer> {
  if (!(answer instanceof LaterAnswer)) return answer
  const [first, ...rest] = answer.reads
  return answer.make(first ? await database.batch([first, ...rest]) : [])
}

async function load<Loads extends readonly Statement[]>(context: WriteContext, statements: Loads) {
  const { database, caller, access, now, idempotencyKey } = context
  const record = idempotencyKey ? [findRecord(database, idempotencyKey, now)] : []
  const [viewerRows, [company], ...rest] = await database.batch([
    viewerStatement(database, caller, now),
    database
      .select({ storedBytes: companies.storedBytes })
      .from(companies)
      .where(eq(companies.id, caller.companyId)),
    ...record,
    ...statements,
  ])
  const viewer = admit(viewerRows, access)
  // drizzle keeps the order of statements, so what follows the record belongs to `statements`.
  const rows = rest.slice(record.length) as BatchResponse<[...Loads]>
  const [found] = (idempotencyKey ? rest[0] : []) as Awaited<ReturnType<typeof findRecord>>
  return { viewer, record: found, storedBytes: company?.storedBytes ?? 0, rows }
}

/** A kept answer is kept too; what adds nothing may always be done. */
function addedBytes({ idempotencyKey }: WriteContext, { adds = 0, answer }: Decision): number {
  if (adds <= 0 || !idempotencyKey || answer instanceof LaterAnswer) return adds
  return adds + ROW_BYTES + byteLengthOf(answer.body ?? '')
}

function effectBatch(context: WriteContext, decision: Decision, adds: number): [Statement, ...Statement[]] {
  const { database, caller, access, now, idempotencyKey } = context
  const { answer } = decision
  const room = sql`EXISTS (SELECT 1 FROM ${companies} WHERE id = ${caller.companyId}
    AND stored_bytes + ${adds} <= ${context.companyLimit})`
  const conditions = [...(decision.condition ? [decision.condition] : []), ...(adds > 0 ? [room] : [])]
  const state =
    conditions.length > 0
      ? sql`CASE WHEN ${sql.join(
          conditions.map((one) => sql`(${one})`),
          sql` AND `,
        )} THEN 1 END`
      : sql`1`
  return [
    // A NULL here breaks the NOT NULL of write_guards and with it the whole batch.
    database.run(
      sql`INSERT OR REPLACE INTO ${writeGuards} (id, session, state)
          SELECT 1, ${sessionGuard(caller, access, now)}, ${state}`,
    ),
    ...decision.effects,
    ...(answer instanceof LaterAnswer
      ? answer.reads
      : idempotencyKey
        ? keepAnswer(database, idempotencyKey, answer, now)
        : []),
  ]
}

async function waitForNextTry(error: unknown, tries: number): Promise<void> {
  const conflict = conflictIn(error)
  if (conflict === null) throw error
  if (conflict === 'constraint' && tries >= MOST_CONSTRAINT_TRIES) throw error
  if (tries >= MOST_TRIES) throw new Problem('WRITE_CONFLICT')
  if (tries > 2) await scheduler.wait(Math.random() * Math.min(5 * tries, 100))
}
