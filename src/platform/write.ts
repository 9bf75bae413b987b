/**
 * The only write path of the API. A first D1 batch loads the session, a kept answer and the rows to decide on. A
 * second, atomic batch holds the guard, the entries of the history, the effects and the facts for a repeated answer. If the guard fails, another
 * write came in between, and the decision is taken again on fresh rows.
 */
import { eq, type SQL, sql } from 'drizzle-orm'
import type { BatchItem, BatchResponse } from 'drizzle-orm/batch'
import { allOf, excluded } from '../db/rows.ts'
import type { Way } from '../db/enums.ts'
import { companies, webhooks, writeGuards } from '../db/schema.ts'
import { staying } from '../directory/staying-store.ts'
import type { Answer } from './answer.ts'
import { conflictIn, type Database } from './database.ts'
import { type History, historyBytes, historySets, insertHistory } from './history-store.ts'
import {
  findRecord,
  type IdempotencyKey,
  isRepeated,
  keepFacts,
  keptBytes,
  refuseReuse,
} from './idempotency.ts'
import { companyFull, HISTORY_SHARE } from './limits.ts'
import { Problem } from './problem.ts'
import { type Caller, type Requirements, sessionGuard, type Viewer, viewerStatement } from './session.ts'

export type Statement = BatchItem<'sqlite'>

interface Change {
  /** What must still hold when the effects run: an SQL expression that is 1 then. */
  condition?: SQL
  /** The statements that make the change. Without any, nothing is written but what an Idempotency-Key keeps. */
  effects: readonly Statement[]
  /** What the change leaves in the history; nothing unless it is about a plan, an action or its notes. */
  history: History
  /** By what way the change comes about, unless by the session or key of the caller. */
  via?: Way
  /**
   * Bytes that the change adds to the company's `stored_bytes`, which triggers keep, besides its history; 409
   * COMPANY_FULL if there is no room. Without any, the write is never refused for lack of room.
   */
  adds?: number
}

export interface Decision extends Change {
  answer: Answer | LaterAnswer
}

/** An answer whose rows are read in the same batch, after the effects. */
class LaterAnswer {
  readonly reads: readonly Statement[]
  readonly make: (rows: unknown[]) => Promise<Answer>

  constructor(reads: readonly Statement[], make: (rows: unknown[]) => Promise<Answer>) {
    this.reads = reads
    this.make = make
  }
}

/** An answer that `make` builds from the rows of `reads`, which run in the same batch after the effects. */
export function answerOf<Reads extends readonly Statement[]>(
  reads: Reads,
  make: (rows: BatchResponse<[...Reads]>) => Promise<Answer>,
): LaterAnswer {
  // drizzle returns the results in the order of the statements.
  return new LaterAnswer(reads, (rows) => make(rows as BatchResponse<[...Reads]>))
}

/** What every write knows of the caller's company, since its row is read anyhow. */
export interface CompanyFacts {
  timeZone: string
}

export interface Write<Loads extends readonly Statement[]> {
  load: Loads
  /** Decides on the loaded rows; throws the problem if the write is not allowed. */
  decide(viewer: Viewer, rows: BatchResponse<[...Loads]>, company: CompanyFacts): Decision | Promise<Decision>
}

/**
 * A write that an Idempotency-Key makes repeatable. Its answer is a function of the request, the moment `at` and a few
 * facts (JSON). With a key, the facts are stored, and the same function answers a repeated request.
 */
export interface RepeatableWrite<Loads extends readonly Statement[], Facts> {
  load: Loads
  decide(
    viewer: Viewer,
    rows: BatchResponse<[...Loads]>,
    company: CompanyFacts,
  ): (Change & { facts: Facts }) | Promise<Change & { facts: Facts }>
  answer(facts: Facts, at: number, viewer: Viewer): Answer | Promise<Answer>
  /** Whether the answer has a secret, which is shown once: a repeated request is refused and not answered. */
  hasSecret?: boolean
}

export interface WriteContext {
  database: Database
  caller: Caller
  requires: Requirements
  /** The viewer whom the rows of `viewerStatement` let in; throws 401 UNAUTHENTICATED or 403 FORBIDDEN. */
  admit: (viewers: readonly Viewer[]) => Viewer
  now: number
  /** The most bytes that a company may store. */
  companyLimit: number
  /** Called after entries of the history were stored that a webhook may be waiting for. */
  hasten: () => void
}

/** The most times that one write is decided, while other writes keep changing the same rows. */
const MOST_TRIES = 20
/** A constraint that is still violated after this many tries is a fault and not a race. */
const MOST_CONSTRAINT_TRIES = 5

/**
 * Carries out a write. Throws the problems of `decide`, 401 UNAUTHENTICATED, 403 FORBIDDEN, 409 COMPANY_FULL or
 * WRITE_CONFLICT, CompanyMoving.
 */
export async function carryOut<Loads extends readonly Statement[]>(
  context: WriteContext,
  write: Write<Loads>,
): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const { viewer, company, stored, rows } = await loadAll(context, write.load, null)
    const decision = await write.decide(viewer, rows, company)
    const answer = await attempt(context, { ...decision, kept: [] }, stored, tries)
    if (answer) return answer
  }
}

/**
 * Carries out a repeatable write. `replayed` means that the request had been carried out before and nothing was
 * written. Throws the problems of `carryOut`, 422 IDEMPOTENCY_KEY_REUSED and 409 SECRET_NOT_REPEATED.
 */
export async function carryOutOnce<Loads extends readonly Statement[], Facts>(
  context: WriteContext,
  write: RepeatableWrite<Loads, Facts>,
  key: IdempotencyKey | null,
): Promise<{ answer: Answer; replayed: boolean }> {
  const { database, now } = context
  for (let tries = 1; ; tries += 1) {
    const { viewer, company, stored, record, rows } = await loadAll(context, write.load, key)
    if (key && record && isRepeated(record, key)) {
      if (write.hasSecret) throw new Problem('SECRET_NOT_REPEATED', NOT_REPEATED)
      // The facts were stored below by a write of the same kind.
      const answer = await write.answer(JSON.parse(record.facts) as Facts, record.createdAt, viewer)
      return { answer: { ...answer, headers: { ...answer.headers, ...REPLAYED } }, replayed: true }
    }
    const { facts, adds = 0, ...change } = await write.decide(viewer, rows, company)
    refuseReuse(record)
    const kept = JSON.stringify(facts)
    const decision = {
      ...change,
      answer: await write.answer(facts, now, viewer),
      kept: key ? keepFacts(database, key, kept, now) : [],
      adds: adds + (key ? keptBytes(kept) : 0),
    }
    const answer = await attempt(context, decision, stored, tries)
    if (answer) return { answer, replayed: false }
  }
}

const REPLAYED = { 'Idempotent-Replayed': 'true' }
const NOT_REPEATED = 'The request was carried out, and its secret was in the first answer alone.'

async function loadAll<Loads extends readonly Statement[]>(
  { database, caller, admit, now }: WriteContext,
  statements: Loads,
  key: IdempotencyKey | null,
) {
  const record = key ? [findRecord(database, key, now)] : []
  const [viewers, [company], ...rest] = await database.batch([
    viewerStatement(database, caller, now),
    database
      .select({
        storedBytes: companies.storedBytes,
        historyBytes: companies.historyBytes,
        timeZone: companies.timeZone,
        hasWebhooks: sql<boolean>`EXISTS (SELECT 1 FROM ${webhooks}
          WHERE ${webhooks.companyId} = ${caller.companyId} AND ${webhooks.active} = 1)`.mapWith(Boolean),
      })
      .from(companies)
      .where(eq(companies.id, caller.companyId)),
    ...record,
    ...statements,
  ])
  const viewer = admit(viewers)
  // drizzle keeps the order of statements, so the rows after the record belong to `statements`.
  const rows = rest.slice(record.length) as BatchResponse<[...Loads]>
  const [found] = (key ? rest[0] : []) as Awaited<ReturnType<typeof findRecord>>
  // A viewer has a company.
  const { storedBytes = 0, historyBytes = 0, hasWebhooks = false, timeZone = 'UTC' } = company ?? {}
  const stored = { storedBytes, historyBytes, hasWebhooks }
  return { viewer, record: found, company: { timeZone }, stored, rows }
}

/** What a company has before a write. */
interface Stored {
  storedBytes: number
  historyBytes: number
  /** Whether it has an active webhook. */
  hasWebhooks: boolean
}

/** The answer after the effects are stored; null if the batch lost against another write. */
async function attempt(
  context: WriteContext,
  decision: Decision & { kept: readonly Statement[] },
  { storedBytes, historyBytes, hasWebhooks }: Stored,
  tries: number,
): Promise<Answer | null> {
  const { answer, effects, history, kept } = decision
  const { database, caller, companyLimit } = context
  if (effects.length + kept.length === 0)
    return answer instanceof LaterAnswer ? readNow(database, answer) : answer
  const adds = addedBytes(decision)
  const yielding = Math.max(0, historyBytes - companyLimit * HISTORY_SHARE)
  if (adds > 0 && storedBytes - yielding + adds > companyLimit) throw companyFull(companyLimit)
  const reads = answer instanceof LaterAnswer ? answer.reads : []
  let results: unknown[]
  try {
    results = await staying(database, caller.companyId).batch([
      guard(context, decision),
      ...entriesOf(context, decision),
      ...effects,
      ...kept,
      ...reads,
    ])
  } catch (error) {
    await waitForNextTry(error, tries)
    return null
  }
  // The effects are stored. Nothing after this line may lead to another try.
  if (hasWebhooks && history.length > 0) context.hasten()
  return answer instanceof LaterAnswer ? answer.make(results.slice(-reads.length)) : answer
}

/** Bytes that the change adds with its history; a change that adds none by itself has room for its history always. */
function addedBytes({ adds = 0, history }: Change): number {
  return adds > 0 ? adds + historyBytes(history) : 0
}

/** The statements that store the entries. They run before the effects, since entries may be made from what was before. */
function entriesOf({ database, caller, now }: WriteContext, { history, via }: Change): Statement[] {
  const { companyId, userId } = caller
  const author = { companyId, userId, via: via ?? caller.via }
  return historySets(history).map((entries) => insertHistory(database, entries, { author, now }))
}

/** The answer of a write that changes nothing. */
async function readNow(database: Database, { reads, make }: LaterAnswer): Promise<Answer> {
  const [first, ...rest] = reads
  return make(first ? await database.batch([first, ...rest]) : [])
}

/** The guard statement: a session or state that does not hold is NULL, violates NOT NULL and fails the whole batch. */
function guard({ database, caller, requires, now, companyLimit }: WriteContext, change: Change): Statement {
  const { condition } = change
  const adds = addedBytes(change)
  const room = sql`EXISTS (SELECT 1 FROM ${companies} WHERE ${companies.id} = ${caller.companyId}
    AND ${companies.storedBytes} - max(0, ${companies.historyBytes} - ${companyLimit * HISTORY_SHARE})
      + ${adds} <= ${companyLimit})`
  const state = allOf([...(condition ? [sql`(${condition})`] : []), ...(adds > 0 ? [room] : [])])
  return guardRow(database, 1, sessionGuard(caller, requires, now), sql`CASE WHEN ${state} THEN 1 END`)
}

/** Writes a row of `write_guards`. The statement and its whole batch fail if `session` or `state` is NULL. */
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
  // Random waits that grow with each try spread out writers that collide.
  if (tries > 1) await scheduler.wait(Math.random() * Math.min(5 * 2 ** tries, 1000))
}
