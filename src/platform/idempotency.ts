/**
 * Idempotency-Key: the first 2xx answer is given again for 24 h, per user and endpoint. A record holds not the answer
 * but the facts that the answer needs besides the request, since a repetition sends the request again. The record is
 * stored in the same batch as the effects.
 */
import { and, eq, gt, lte, sql } from 'drizzle-orm'
import { idempotencyRecords } from '../db/schema.ts'
import { staysHere } from '../directory/staying-store.ts'
import type { Database } from './database.ts'
import { sha256, toBase64Url } from './hash.ts'
import { fieldValue } from './headers.ts'
import { type InputError, Problem } from './problem.ts'
import type { Caller } from './session.ts'
import { byteLengthOf } from './text.ts'

const KEPT_MILLISECONDS = 24 * 3600 * 1000

/** A request with an Idempotency-Key. */
export interface IdempotencyKey {
  /** Id of its record: a hash of user, endpoint and key. */
  id: string
  companyId: string
  bodyHash: string
}

/** The errors of the header, if any: a key has 1-255 printable ASCII characters. */
export function checkIdempotencyKey(request: Request): InputError[] {
  const key = fieldValue(request, 'Idempotency-Key')
  return key === null || /^[\x20-\x7e]{1,255}$/.test(key)
    ? []
    : [{ path: 'Idempotency-Key', message: 'must be 1 to 255 printable ASCII characters' }]
}

/**
 * The key of a request; null without the header.
 * @param endpoint method and path with parameters filled in: the same key at another endpoint is another key
 * @param sent the validated body, or the text of the body if the endpoint takes none
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

/** 128 bits in 22 characters: there are many records, so ids and hashes are short. */
async function shortHash(text: string): Promise<string> {
  return toBase64Url((await sha256(text)).slice(0, 16))
}

/** The text to hash: in a body, null and an absent member mean the same, and so do no body and an empty object. */
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

/** Whether the record belongs to the same request. */
export function isRepeated(record: IdempotencyRecord, key: IdempotencyKey): boolean {
  return record.bodyHash === key.bodyHash
}

/** Throws 422 IDEMPOTENCY_KEY_REUSED if there is a record, which then belongs to a request with another body. */
export function refuseReuse(record: IdempotencyRecord | undefined): void {
  if (record) throw new Problem('IDEMPOTENCY_KEY_REUSED', 'The key was used before with another body.')
}

/** Bytes counted for a record besides its facts; the triggers of migration 0006 count the same. */
const RECORD_BYTES = 150

/** Bytes that a record adds to the company's `stored_bytes`. */
export function keptBytes(facts: string): number {
  return RECORD_BYTES + byteLengthOf(facts)
}

/** Statements that store the facts of an answer. A parallel duplicate request fails on the primary key. */
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

/** Deletes the record of a key, for a request whose effects are undone. */
export function forgetAnswer(database: Database, key: IdempotencyKey) {
  return database.delete(idempotencyRecords).where(eq(idempotencyRecords.id, key.id))
}

/**
 * Deletes what is kept of the last day for repeated requests and names a user of the company, by id or by name. Whose requests
 * they were is not kept, so that a user's own are found only if they name the user. Reads all records of the day: the table is
 * ordered by age alone, because another index would cost a row with every write that has a key.
 */
export function forgetNaming(
  database: Database,
  { id, companyId, name }: { id: string; companyId: string; name: string },
  now: number,
) {
  const { facts } = idempotencyRecords
  return database
    .delete(idempotencyRecords)
    .where(
      and(
        gt(idempotencyRecords.createdAt, now - KEPT_MILLISECONDS),
        eq(idempotencyRecords.companyId, companyId),
        sql`(instr(${facts}, ${id}) > 0 OR instr(${facts}, ${JSON.stringify(name)}) > 0)`,
      ),
    )
}

const RECORDS_PER_SWEEP = 10_000

/** Deletes records that are older than 24 h, the oldest first. */
export function sweepRecords(database: Database, now: number) {
  const { id, companyId, createdAt } = idempotencyRecords
  const old = database
    .select({ id })
    .from(idempotencyRecords)
    .where(and(lte(createdAt, now - KEPT_MILLISECONDS), staysHere(companyId)))
    .orderBy(createdAt)
    .limit(RECORDS_PER_SWEEP)
  return database.delete(idempotencyRecords).where(sql`${id} IN ${old}`)
}
