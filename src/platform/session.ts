/**
 * Who is calling. KV finds a session or an access key fast at the edge, but may be out of date. D1 is authoritative:
 * each request checks it again in its first D1 batch (`viewerStatement`) or inside the write itself (platform/write.ts).
 */
import * as z from '@zod/mini'
import { and, eq, gt, isNull, type SQL, sql } from 'drizzle-orm'
import { KEY_SCOPES, type KeyScope, MANAGER_ROLES, type Role, ROLES } from '../db/enums.ts'
import { allOf, isOneOf, prepared, type RowOf } from '../db/rows.ts'
import { accessKeys, sessions, users } from '../db/schema.ts'
import type { Database, Meter } from './database.ts'
import { ID_PATTERN } from './ids.ts'
import { databaseName } from './place.ts'
import { Problem } from './problem.ts'
import type { Credential, SignedInBy } from './token.ts'

const sessionRecord = z.object({
  userId: z.string().check(z.regex(ID_PATTERN)),
  companyId: z.string().check(z.regex(ID_PATTERN)),
  expiresAt: z.number(),
  database: databaseName(),
})
export type SessionRecord = z.infer<typeof sessionRecord>

export interface Caller extends SessionRecord, Credential {}

const USER = { id: users.id, companyId: users.companyId, role: users.role, name: users.name }
const VIEWER_BY = {
  SESSION: { ...USER, scope: sql<KeyScope | null>`NULL`, keyUsedAt: sql<number | null>`NULL` },
  KEY: { ...USER, scope: accessKeys.scope, keyUsedAt: accessKeys.lastUsedAt },
}

/** The signed-in user as stored in D1 at the time of the request; with a key, also its scope and when it was used. */
export type Viewer = RowOf<(typeof VIEWER_BY)['SESSION']>

/** Who may call an endpoint: anybody, anyone signed in, company managers, ADMINs. */
export type Access = 'public' | 'session' | 'manager' | 'admin'

/** What an endpoint asks of its caller. */
export interface Requirements {
  access: Access
  /** What an access key may do to get in; none: no key gets in. */
  scopes: readonly KeyScope[]
}

const ROLES_BY_ACCESS: Record<Access, readonly Role[]> = {
  public: ROLES,
  session: ROLES,
  manager: MANAGER_ROLES,
  admin: ['ADMIN'],
}

/** The scopes of keys that an endpoint is open to: a READ key does nothing but GET and HEAD. */
export function scopesFor(method: string, openToKeys: boolean): readonly KeyScope[] {
  if (!openToKeys) return []
  return method === 'GET' ? KEY_SCOPES : ['WRITE']
}

/**
 * Looks the caller up in KV; null if unknown or expired. The check of `expiresAt` is needed because KV expires entries
 * late.
 */
export async function findCaller(
  kv: KVNamespace,
  credential: Credential,
  now: number,
  meter: Meter,
): Promise<Caller | null> {
  meter.kvReads += 1
  const record = sessionRecord.safeParse(await kv.get(credential.tokenHash, 'json'))
  return record.success && record.data.expiresAt > now ? { ...record.data, ...credential } : null
}

const KV_SHORTEST_TTL = 60

/** Writes a session or key to KV, for fast look-ups at the edge. It is valid only once D1 has it too. */
export async function rememberSession(
  kv: KVNamespace,
  { tokenHash, userId, companyId, expiresAt, database }: Omit<Caller, 'via'>,
  now: number,
): Promise<void> {
  const ttl = Math.ceil((expiresAt - now) / 1000)
  const record: SessionRecord = { userId, companyId, expiresAt, database }
  await kv.put(tokenHash, JSON.stringify(record), { expirationTtl: Math.max(KV_SHORTEST_TTL, ttl) })
}

/** Deletes from KV what D1 has ended already. KV only saves look-ups, so the deletion may fail. */
export async function forgetSessions(kv: KVNamespace, tokenHashes: readonly string[]): Promise<void> {
  await Promise.allSettled(tokenHashes.slice(0, 100).map((tokenHash) => kv.delete(tokenHash)))
}

/** Deletes these from KV. Throws if one cannot be deleted. */
export async function deleteSessions(kv: KVNamespace, tokenHashes: readonly string[]): Promise<void> {
  await Promise.all(tokenHashes.map((tokenHash) => kv.delete(tokenHash)))
}

/** Where D1 has what a caller is signed in by. */
const KEPT_IN = {
  SESSION: { table: sessions, tokenHash: sessions.id },
  KEY: { table: accessKeys, tokenHash: accessKeys.keyHash },
}

type Sought = Pick<Caller, 'tokenHash' | 'userId' | 'companyId'>

/** Tables and condition of a caller whose session or key is neither revoked nor expired and whose user is active. */
function live(via: SignedInBy, { tokenHash, userId, companyId }: Sought, now: number): SQL {
  const { table, tokenHash: stored } = KEPT_IN[via]
  return sql`FROM ${table} JOIN ${users} ON ${users.id} = ${table.userId} WHERE ${allOf([
    eq(stored, tokenHash),
    isNull(table.revokedAt),
    gt(table.expiresAt, now),
    eq(users.active, true),
    eq(users.id, userId),
    eq(users.companyId, companyId),
  ])}`
}

function viewersBy(via: SignedInBy) {
  return prepared(
    ['tokenHash', 'userId', 'companyId', 'now'],
    (): (typeof VIEWER_BY)['SESSION'] | (typeof VIEWER_BY)['KEY'] => VIEWER_BY[via],
    ({ now, ...sought }: Sought & { now: number }, columns) =>
      sql`SELECT ${columns} ${live(via, sought, now)}`,
  )
}

const viewers = { SESSION: viewersBy('SESSION'), KEY: viewersBy('KEY') }

/** Selects the viewer: a row if the session or key is neither revoked nor expired and its user is active. */
export function viewerStatement(database: Database, caller: Caller, now: number) {
  const { via, tokenHash, userId, companyId } = caller
  return viewers[via](database, { tokenHash, userId, companyId, now })
}

/** SQL that is 1 while the caller may write, else NULL. */
export function sessionGuard(caller: Caller, { access, scopes }: Requirements, now: number): SQL {
  const mayUse = caller.via === 'KEY' ? [isOneOf(accessKeys.scope, scopes)] : []
  return sql`(SELECT 1 ${live(caller.via, caller, now)}
    AND ${allOf([isOneOf(users.role, ROLES_BY_ACCESS[access]), ...mayUse])})`
}

/**
 * The viewer from the rows of `viewerStatement`. Throws 401 UNAUTHENTICATED without a row, 403 FORBIDDEN if the role or
 * the scope of the key is not enough.
 */
export function admit([viewer]: readonly Viewer[], { access, scopes }: Requirements): Viewer {
  if (!viewer) throw new Problem('UNAUTHENTICATED')
  const { role, scope } = viewer
  if (!ROLES_BY_ACCESS[access].includes(role)) {
    throw new Problem(
      'FORBIDDEN',
      access === 'admin' ? 'Only an ADMIN may do this.' : 'Only company managers may do this.',
    )
  }
  if (scope !== null && !scopes.includes(scope)) {
    throw new Problem(
      'FORBIDDEN',
      scopes.length === 0 ? 'No access key may do this.' : 'A key with the scope READ may only read.',
    )
  }
  return viewer
}

/** Ends one session of the user, or all of them if `tokenHash` is null. */
export function revokeSessions(database: Database, userId: string, tokenHash: string | null, now: number) {
  return database
    .update(sessions)
    .set({ revokedAt: now })
    .where(
      and(
        eq(sessions.userId, userId),
        isNull(sessions.revokedAt),
        tokenHash === null ? undefined : eq(sessions.id, tokenHash),
      ),
    )
}
