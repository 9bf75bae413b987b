/** Idempotency-Key: the first 2xx answer is kept 24 h per user and endpoint, written with the effect itself. */
import { and, eq, gt, lte } from 'drizzle-orm'
import { idempotencyRecords } from '../db/schema.ts'
import type { SmallAnswer } from './answer.ts'
import type { Database } from './database.ts'
import { fieldValue } from './headers.ts'
import { sha256Hex } from './ids.ts'
import { type InputError, Problem } from './problem.ts'

const KEPT_MILLISECONDS = 24 * 3600 * 1000

/** One keyed request. */
export interface IdempotencyKey {
  userId: string
  /** Method and path: the same key at another address is another key. */
  endpoint: string
  key: string
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
 * The key of a request to `endpoint` (method and path, parameters filled in); null without the header.
 * @param sent the body as it was understood, or as text where none is asked for
 */
export async function readIdempotencyKey(
  request: Request,
  userId: string,
  endpoint: string,
  sent: object | string,
): Promise<IdempotencyKey | null> {
  const key = fieldValue(request, 'Idempotency-Key')
  if (key === null) return null
  return { userId, endpoint, key, bodyHash: await sha256Hex(canonical(sent)) }
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
    .where(and(isRecordOf(key), gt(idempotencyRecords.createdAt, now - KEPT_MILLISECONDS)))
}

type StoredRecord = typeof idempotencyRecords.$inferSelect

/** The kept answer, if the body is the same. */
export function replayOf(record: StoredRecord | undefined, key: IdempotencyKey): SmallAnswer | null {
  if (record?.bodyHash !== key.bodyHash) return null
  return {
    status: record.status,
    body: record.body,
    ...headersAndTag(record),
  }
}

function headersAndTag(record: StoredRecord): Pick<SmallAnswer, 'headers' | 'tag'> {
  // Written by keepAnswer from an answer's headers; a tag that is not of the body is among them.
  const { ETag, ...headers } = JSON.parse(record.headers) as Record<string, string>
  const tag = ETag === undefined ? (record.body === null ? 'none' : 'of-body') : (ETag as `"${string}"`)
  return { headers: { ...headers, 'Idempotent-Replayed': 'true' }, tag }
}

/** 422 when the key was used with another body. */
export function refuseReuse(record: StoredRecord | undefined): void {
  if (record) throw new Problem('IDEMPOTENCY_KEY_REUSED', 'The key was used before with another body.')
}

/** Statements that keep the answer; a parallel duplicate fails on the primary key. */
export function keepAnswer(database: Database, key: IdempotencyKey, answer: SmallAnswer, now: number) {
  const { userId, endpoint, bodyHash } = key
  return [
    database
      .delete(idempotencyRecords)
      .where(and(isRecordOf(key), lte(idempotencyRecords.createdAt, now - KEPT_MILLISECONDS))),
    database.insert(idempotencyRecords).values({
      userId,
      endpoint,
      key: key.key,
      bodyHash,
      status: answer.status,
      headers: JSON.stringify({
        ...answer.headers,
        ...(answer.tag === 'none' || answer.tag === 'of-body' ? {} : { ETag: answer.tag }),
      }),
      body: answer.body,
      createdAt: now,
    }),
  ] as const
}

/** Takes a kept answer back, for an effect that had to be taken back too. */
export function forgetAnswer(database: Database, key: IdempotencyKey) {
  return database.delete(idempotencyRecords).where(isRecordOf(key))
}

/** Deletes what is older than it is kept. */
export function sweepRecords(database: Database, now: number) {
  return database.delete(idempotencyRecords).where(lte(idempotencyRecords.createdAt, now - KEPT_MILLISECONDS))
}

function isRecordOf(key: IdempotencyKey) {
  return and(
    eq(idempotencyRecords.userId, key.userId),
    eq(idempotencyRecords.endpoint, key.endpoint),
    eq(idempotencyRecords.key, key.key),
  )
}
