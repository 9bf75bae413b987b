/**
 * Who is calling. KV finds a session fast at the edge, but may be out of date. D1 is authoritative: each request checks
 * the session again in its first D1 batch (`viewerStatement`) or inside the write itself (platform/write.ts).
 */
import * as z from '@zod/mini'
import { and, eq, gt, isNull, type SQL, sql } from 'drizzle-orm'
import { MANAGER_ROLES, type Role, ROLES, type Way } from '../db/enums.ts'
import { allOf, isOneOf, prepared, type RowOf } from '../db/rows.ts'
import { sessions, users } from '../db/schema.ts'
import type { Database, Meter } from './database.ts'
import { sha256Hex, toBase64Url } from './hash.ts'
import { ID_PATTERN } from './ids.ts'
import { Problem } from './problem.ts'

const sessionRecord = z.object({
  userId: z.string().check(z.regex(ID_PATTERN)),
  companyId: z.string().check(z.regex(ID_PATTERN)),
  expiresAt: z.number(),
})
export type SessionRecord = z.infer<typeof sessionRecord>

export interface Caller extends SessionRecord {
  /** SHA-256 of the token, hex: the session's id in KV and D1. */
  sessionId: string
}

/** By what way the caller's changes come about. */
export function wayOf(_caller: Caller): Way {
  return 'SESSION'
}

const VIEWER = { id: users.id, companyId: users.companyId, role: users.role, name: users.name }

/** The signed-in user as stored in D1 at the time of the request. */
export type Viewer = RowOf<typeof VIEWER>

/** Who may call an endpoint: anybody, anyone signed in, company managers, ADMINs. */
export type Access = 'public' | 'session' | 'manager' | 'admin'

const ROLES_BY_ACCESS: Record<Access, readonly Role[]> = {
  public: ROLES,
  session: ROLES,
  manager: MANAGER_ROLES,
  admin: ['ADMIN'],
}

/** A new session token: 256 random bits, base64url. */
export function newToken(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(32)))
}

// The canonical base64url of 32 bytes: 43 characters, of which the last carries only 4 bits.
const TOKEN = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/** The session's id for a well-formed token, else null. */
export async function sessionIdOf(token: string | null): Promise<string | null> {
  return token !== null && TOKEN.test(token) ? await sha256Hex(token) : null
}

/**
 * Looks the session up in KV; null if unknown or expired. The check of `expiresAt` is needed because KV expires entries
 * late.
 */
export async function findCaller(
  kv: KVNamespace,
  sessionId: string,
  now: number,
  meter: Meter,
): Promise<Caller | null> {
  meter.kvReads += 1
  const record = sessionRecord.safeParse(await kv.get(sessionId, 'json'))
  return record.success && record.data.expiresAt > now ? { ...record.data, sessionId } : null
}

const KV_SHORTEST_TTL = 60

/** Writes a session to KV, for fast look-ups at the edge. The session is valid only once D1 has it too. */
export async function rememberSession(kv: KVNamespace, caller: Caller, now: number): Promise<void> {
  const { sessionId, ...record } = caller
  const ttl = Math.ceil((caller.expiresAt - now) / 1000)
  await kv.put(sessionId, JSON.stringify(record), { expirationTtl: Math.max(KV_SHORTEST_TTL, ttl) })
}

/** Selects the viewer: a row if the session is neither revoked nor expired and its user is active. */
export function viewerStatement(database: Database, caller: Caller, now: number) {
  const { sessionId, userId, companyId } = caller
  return viewers(database, { sessionId, userId, companyId, now })
}

const viewers = prepared(
  ['sessionId', 'userId', 'companyId', 'now'],
  () => VIEWER,
  ({ now, ...caller }: SessionKey & { now: number }, columns) => sql`SELECT ${columns} FROM ${sessions}
    JOIN ${users} ON ${users.id} = ${sessions.userId} WHERE ${isLive(caller, now)}`,
)

interface SessionKey {
  sessionId: string
  userId: string
  companyId: string
}

/** SQL that is 1 while the caller may write, else NULL. */
export function sessionGuard(caller: Caller, access: Access, now: number): SQL {
  return sql`(SELECT 1 FROM ${sessions} JOIN ${users} ON ${users.id} = ${sessions.userId}
    WHERE ${isLive(caller, now)} AND ${isOneOf(users.role, ROLES_BY_ACCESS[access])})`
}

/** Condition on `sessions` joined with `users`: the caller's session is live and its user active. */
function isLive(caller: SessionKey, now: number): SQL {
  return allOf([
    eq(sessions.id, caller.sessionId),
    isNull(sessions.revokedAt),
    gt(sessions.expiresAt, now),
    eq(users.active, true),
    eq(users.id, caller.userId),
    eq(users.companyId, caller.companyId),
  ])
}

/**
 * The viewer from the rows of `viewerStatement`. Throws 401 UNAUTHENTICATED without a row, 403 FORBIDDEN if the role is
 * not enough.
 */
export function admit([viewer]: readonly Viewer[], access: Access): Viewer {
  if (!viewer) throw new Problem('UNAUTHENTICATED')
  if (!ROLES_BY_ACCESS[access].includes(viewer.role)) {
    throw new Problem(
      'FORBIDDEN',
      access === 'admin' ? 'Only an ADMIN may do this.' : 'Only company managers may do this.',
    )
  }
  return viewer
}

/** Ends one session of the user, or all of them if `sessionId` is null. */
export function revokeSessions(database: Database, userId: string, sessionId: string | null, now: number) {
  return database
    .update(sessions)
    .set({ revokedAt: now })
    .where(
      and(
        eq(sessions.userId, userId),
        isNull(sessions.revokedAt),
        sessionId === null ? undefined : eq(sessions.id, sessionId),
      ),
    )
}
