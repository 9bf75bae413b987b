/** Makes, shows and ends access keys, with which programs sign in as the user who made them. */
import { revokeKeys } from '../platform/access-keys.ts'
import { type Answer, created, empty, resource, slice } from '../platform/answer.ts'
import { entityTag, requireMatch } from '../platform/entity-tag.ts'
import { sha256Hex } from '../platform/hash.ts'
import type { IdempotencyKey } from '../platform/idempotency.ts'
import { requireRoom } from '../platform/limits.ts'
import { newId } from '../platform/new-id.ts'
import { type InputError, Problem, throwIfInvalid } from '../platform/problem.ts'
import type { AuthorizedRequest } from '../platform/request.ts'
import type { Slice } from '../platform/schemas.ts'
import { forgetSessions, rememberSession, type Viewer } from '../platform/session.ts'
import { newAccessKey } from '../platform/token.ts'
import { expiryErrors, expiryOf } from './key-lifetime.ts'
import type { NewAccessKey } from './key-schemas.ts'
import {
  countLiveKeys,
  hashOfKey,
  hasRoomForKey,
  insertKey,
  keyById,
  keyBytes,
  keyIsUnchanged,
  keyPage,
  type StoredKey,
} from './key-store.ts'
import { viewKey } from './key-view.ts'

const HINT_LENGTH = 4

/** A slice of the caller's keys, newest first; of the company's if `all`. Throws 403 FORBIDDEN. */
export async function listKeys(request: AuthorizedRequest, all: boolean, range: Slice): Promise<Answer> {
  const { database, caller } = request
  const { viewer, rows } = await request.read(
    keyPage(database, caller.companyId, all ? null : caller.userId, range),
  )
  if (all && viewer.role !== 'ADMIN')
    throw new Problem('FORBIDDEN', 'Only an ADMIN may list the keys of others.')
  const [[counted], keys] = rows
  return slice(range.from, counted?.total ?? 0, keys.map(viewKey))
}

/** A key. Throws 404 NOT_FOUND, 403 FORBIDDEN. */
export async function readKey(request: AuthorizedRequest, keyId: string): Promise<Answer> {
  const { database, caller } = request
  const { viewer, rows } = await request.read([keyById(database, caller.companyId, keyId)] as const)
  return resource(viewKey(requireKey(rows[0][0], viewer)))
}

/**
 * Makes a key; `path` is the path of all keys. Throws 400 VALIDATION_FAILED for an expiry that is over or too far ahead,
 * 409 KEYS_FULL or SECRET_NOT_REPEATED, and the problems of `AuthorizedRequest.writeOnce`.
 */
export async function createKey(
  request: AuthorizedRequest,
  kv: KVNamespace,
  body: NewAccessKey,
  path: string,
  idempotencyKey: IdempotencyKey | null,
): Promise<Answer> {
  const { database, caller, now } = request
  const { companyId, userId } = caller
  const { name, scope } = body
  const key = newAccessKey()
  const tokenHash = await sha256Hex(key)
  const expiresAt = expiryOf(body.expiresAt, now)
  const keyOf = (id: string): StoredKey => ({
    ...{ id, companyId, name, scope, hint: key.slice(-HINT_LENGTH), userId },
    ...{ createdAt: now, expiresAt, lastUsedAt: null },
  })
  let isRemembered = false
  const { answer } = await request.writeOnce(
    {
      load: [countLiveKeys(database, userId, now)] as const,
      async decide(_viewer, [[counted]]) {
        throwIfInvalid(expiryErrors(body.expiresAt, now))
        requireRoom('keysPerUser', counted?.live ?? 0, 1)
        // KV is written first: without its row in D1 the key is not valid, but a row without the entry in KV would be a
        // key that never works.
        if (!isRemembered)
          await rememberSession(kv, { tokenHash, userId, companyId, expiresAt, database: database.at }, now)
        isRemembered = true
        const made = keyOf(newId(now))
        return {
          condition: hasRoomForKey(userId, now),
          effects: [insertKey(database, made, tokenHash)],
          history: [],
          adds: keyBytes(made),
          facts: { id: made.id },
        }
      },
      hasSecret: true,
      async answer({ id }) {
        const view = viewKey(keyOf(id))
        // The tag is that of the key as it is read, without its secret.
        return created({ ...view, key }, `${path}/${id}`, await entityTag(JSON.stringify(view)))
      },
    },
    idempotencyKey,
  )
  return answer
}

/** The error for an expiry, in a body that is invalid in other ways. */
export async function validateExpiry(request: AuthorizedRequest, body: object): Promise<InputError[]> {
  await request.verify()
  return expiryErrors('expiresAt' in body ? body.expiresAt : undefined, request.now)
}

/**
 * Ends a key. Throws 404 NOT_FOUND, 403 FORBIDDEN, 412 PRECONDITION_FAILED, and the problems of
 * `AuthorizedRequest.write`.
 */
export async function endKey(
  request: AuthorizedRequest,
  kv: KVNamespace,
  keyId: string,
  ifMatch: string | null,
): Promise<Answer> {
  const { database, caller, now } = request
  let tokenHashes: string[] = []
  const answer = await request.write({
    load: [keyById(database, caller.companyId, keyId), hashOfKey(database, keyId)] as const,
    async decide(viewer, [[found], hashes]) {
      const key = requireKey(found, viewer)
      await requireMatch(ifMatch, viewKey(key))
      tokenHashes = hashes.map(({ keyHash }) => keyHash)
      return {
        condition: keyIsUnchanged(key),
        effects: [revokeKeys(database, key.userId, key.id, now)],
        history: [],
        answer: empty(204),
      }
    },
  })
  await forgetSessions(kv, tokenHashes)
  return answer
}

/** The key that was found, if it is the viewer's own or the viewer is an ADMIN. Throws 404 NOT_FOUND, 403 FORBIDDEN. */
function requireKey(key: StoredKey | undefined, viewer: Viewer): StoredKey {
  if (!key) throw new Problem('NOT_FOUND', 'There is no such access key.')
  if (key.userId !== viewer.id && viewer.role !== 'ADMIN')
    throw new Problem('FORBIDDEN', "Only its user or an ADMIN may see or end somebody's access key.")
  return key
}
