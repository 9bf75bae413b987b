/**
 * The one write path. Two batches: load (session, earlier answer, what the decision needs) and then, in one
 * atomic step, guard, effect and kept answer. When the guard does not hold, somebody wrote in between: the
 * decision is taken again on fresh rows, so a caller gets the problem that is true now, or succeeds.
 */
import { type SQL, sql } from 'drizzle-orm'
import type { BatchItem, BatchResponse } from 'drizzle-orm/batch'
import { writeGuards } from '../db/schema.ts'
import type { Answer } from './answer.ts'
import { conflictIn, type Database } from './database.ts'
import { findRecord, type IdempotencyKey, keepAnswer, refuseReuse, replayOf } from './idempotency.ts'
import { Problem } from './problem.ts'
import { type Access, admit, type Caller, sessionGuard, type Viewer, viewerStatement } from './session.ts'

export type Statement = BatchItem<'sqlite'>

export interface Decision {
  /** What must still hold at the moment of the effect: an expression that is 1 then. */
  condition?: SQL
  /** None: nothing changes, and nothing is written. */
  effects: readonly Statement[]
  answer: Answer
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
    const { viewer, record, rows } = await load(context, write.load)
    const replay = context.idempotencyKey && replayOf(record, context.idempotencyKey)
    if (replay) return { answer: replay, replayed: true }
    const decision = await write.decide(viewer, rows)
    refuseReuse(record)
    if (decision.effects.length === 0) return { answer: decision.answer, replayed: false }
    try {
      await context.database.batch(effectBatch(context, decision))
      return { answer: decision.answer, replayed: false }
    } catch (error) {
      await waitForNextTry(error, tries)
    }
  }
}

async function load<Loads extends readonly Statement[]>(context: WriteContext, statements: Loads) {
  const { database, caller, access, now, idempotencyKey } = context
  const record = idempotencyKey ? [findRecord(database, idempotencyKey, now)] : []
  const [viewerRows, ...rest] = await database.batch([
    viewerStatement(database, caller, now),
    ...record,
    ...statements,
  ])
  const viewer = admit(viewerRows, access)
  // drizzle keeps the order of statements, so what follows the record belongs to `statements`.
  const rows = rest.slice(record.length) as BatchResponse<[...Loads]>
  const [found] = (idempotencyKey ? rest[0] : []) as Awaited<ReturnType<typeof findRecord>>
  return { viewer, record: found, rows }
}

function effectBatch(context: WriteContext, decision: Decision): [Statement, ...Statement[]] {
  const { database, caller, access, now, idempotencyKey } = context
  const state = decision.condition ? sql`CASE WHEN ${decision.condition} THEN 1 END` : sql`1`
  return [
    // A NULL here breaks the NOT NULL of write_guards and with it the whole batch.
    database.run(
      sql`INSERT OR REPLACE INTO ${writeGuards} (id, session, state)
          SELECT 1, ${sessionGuard(caller, access, now)}, ${state}`,
    ),
    ...decision.effects,
    ...(idempotencyKey ? keepAnswer(database, idempotencyKey, decision.answer, now) : []),
  ]
}

async function waitForNextTry(error: unknown, tries: number): Promise<void> {
  const conflict = conflictIn(error)
  if (conflict === null) throw error
  if (conflict === 'constraint' && tries >= MOST_CONSTRAINT_TRIES) throw error
  if (tries >= MOST_TRIES) throw new Problem('WRITE_CONFLICT')
  if (tries > 2) await scheduler.wait(Math.random() * Math.min(5 * tries, 100))
}
