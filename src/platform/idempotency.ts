/**
 * Idempotency-Key: the first 2xx answer can be given again for 24 h, per user and endpoint. What is kept, in the same
 * step as the effect, is not the answer but the few facts that it was made of besides the request, which comes again.
 */
import { and, eq, gt, lte, sql } from 'drizzle-orm'
import { idempotencyRecords } from '../db/schema.ts'
import type { Database } from './database.ts'
import { sha256, toBase64Url } from './hash.ts'
import { fieldValue } from './headers.ts'
import { type InputError, Problem } from './problem.ts'
import type { Caller } from './session.ts'
import { byteLengthOf } from './text.ts'

const KEPT_MILLISECONDS = 24 * 3600 * 1000

/** One keyed request. */
export interface IdempotencyKey {
  /** Of its record. */
  id: string
  companyId: string
  bodyHash: string
}

/** What is wrong with the header, if anything: 1-255 printable ASCII characters. */
export function checkIdempotencyKey(request: Request): InputError[] {
  const key = fieldValue(request, 'Idempotency-Key')
  return key === null || /^[\x20-\x7e]{1,255}$/.test(key)
    ? []
    : [{ path: 'Idempotency-Key', message: 'must be 1 to 255 printable ASCII characters' }]
}

/**
 * The key of a request; null without the header.
 * @param endpoint method and path, parameters filled in: the same key at another address is another key
 * @param sent the body as it was understood, or as text where none is asked for
 */
export async function readIdempotencyKey(
  request: Request,
  { userId, companyId }: Caller,
  endpoint: string,
  sent: object | string,
): Promise<IdempotencyKey | null> {
  const key = fieldValue(request, 'Idempotency-Key')
  if (key === null) return null
  return {
    id: await shortHash(`${userId} ${endpoint} ${key}`),
    companyId,
    bodyHash: await shortHash(canonical(sent)),
  }
}

/** 128 bits in 22 characters: records are many and must be small. */
async function shortHash(text: string): Promise<string> {
  return toBase64Url((await sha256(text)).slice(0, 16))
}

/** Null and absent mean the same in a body, and so do no body and an empty object: they hash the same. */
function canonical(sent: object | string): string {
  if (typeof sent === 'string') return /^\s*(\{\s*\}|null)?\s*$/.test(sent) ? '{}' : sent
  return JSON.stringify(sent, (_name, value: unknown) => value ?? undefined)
}

export function findRecord(database: Database, key: IdempotencyKey, now: number) {
  return database
    .select()
    .from(idempotencyRecords)
    .where(and(eq(idempotencyRecords.id, key.id), gt(idempotencyRecords.createdAt, now - KEPT_MILLISECONDS)))
}

type IdempotencyRecord = typeof idempotencyRecords.$inferSelect

/** Whether the record is of the same request. */
export function isRepeated(record: IdempotencyRecord, key: IdempotencyKey): boolean {
  return record.bodyHash === key.bodyHash
}

/** Throws 422 IDEMPOTENCY_KEY_REUSED when the key was used before, with another body. */
export function refuseReuse(record: IdempotencyRecord | undefined): void {
  if (record) throw new Problem('IDEMPOTENCY_KEY_REUSED', 'The key was used before with another body.')
}

/** Bytes of a record's own members; the triggers of migration 0006 reckon the same. */
const RECORD_BYTES = 150

/** Bytes that a kept answer adds to what the company keeps. */
export function keptBytes(facts: string): number {
  return RECORD_BYTES + byteLengthOf(facts)
}

/** Statements that keep what the answer is made of; a parallel duplicate fails on the primary key. */
export function keepFacts(database: Database, key: IdempotencyKey, facts: string, now: number) {
  return [
    database
      .delete(idempotencyRecords)
      .where(
        and(eq(idempotencyRecords.id, key.id), lte(idempotencyRecords.createdAt, now - KEPT_MILLISECONDS)),
      ),
    database.insert(idempotencyRecords).values({ ...key, facts, createdAt: now }),
  ] as const
}

/** Takes a kept answer back, for an effect that had to be taken back too. */
export function forgetAnswer(database: Database, key: IdempotencyKey) {
  return database.delete(idempotencyRecords).where(eq(idempotencyRecords.id, key.id))
}

const RECORDS_PER_SWEEP = 10_000

/** Deletes what is older than it is kept, the oldest first. */
export function sweepRecords(database: Database, now: number) {
  const { id, createdAt } = idempotencyRecords
  const old = database
    .select({ id })
    .from(idempotencyRecords)
    .where(lte(createdAt, now - KEPT_MILLISECONDS))
    .orderBy(createdAt)
    .limit(RECORDS_PER_SWEEP)
  return database.delete(idempotencyRecords).where(sql`${id} IN ${old}`)
}
