/**
 * Who is calling. KV answers fast where the request is; D1 keeps the truth and is asked again in the batch
 * that the request makes anyhow (`viewerStatement`) or inside the write itself (platform/write.ts).
 */
import * as z from '@zod/mini'
import { and, eq, gt, isNull, type SQL, sql } from 'drizzle-orm'
import { MANAGER_ROLES, type Role, ROLES } from '../db/enums.ts'
import { allOf, isOneOf, type RowOf, select } from '../db/rows.ts'
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

const VIEWER = { id: users.id, companyId: users.companyId, role: users.role, name: users.name }

/** The caller as D1 knows him or her now. */
export type Viewer = RowOf<typeof VIEWER>

/** Who may call an endpoint: anybody, anyone signed in, company managers, ADMINs. */
export type Access = 'public' | 'session' | 'manager' | 'admin'

const ROLES_BY_ACCESS: Record<Access, readonly Role[]> = {
  public: ROLES,
  session: ROLES,
  manager: MANAGER_ROLES,
  admin: ['ADMIN'],
}

/** 256 random bits, base64url. */
export function newToken(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(32)))
}

// 43 characters whose last carries only 4 bits: the one canonical spelling of 32 bytes.
const TOKEN = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/** The session's id for a well-formed token, else null. */
export async function sessionIdOf(token: string | null): Promise<string | null> {
  return token !== null && TOKEN.test(token) ? await sha256Hex(token) : null
}

/** Looks the session up in KV; null when unknown or expired, whatever KV's own expiry does. */
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

/** Makes a session known at the edge; it counts once D1 has it. */
export async function rememberSession(kv: KVNamespace, caller: Caller, now: number): Promise<void> {
  const { sessionId, ...record } = caller
  const ttl = Math.ceil((caller.expiresAt - now) / 1000)
  await kv.put(sessionId, JSON.stringify(record), { expirationTtl: Math.max(KV_SHORTEST_TTL, ttl) })
}

/** A row when the session is neither revoked nor expired and its user active. */
export function viewerStatement(database: Database, caller: Caller, now: number) {
  return select(database, VIEWER)
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(isLive(caller, now))
}

/** SQL that is 1 while the caller may write, else NULL. */
export function sessionGuard(caller: Caller, access: Access, now: number): SQL {
  return sql`(SELECT 1 FROM ${sessions} JOIN ${users} ON ${users.id} = ${sessions.userId}
    WHERE ${isLive(caller, now)} AND ${isOneOf(users.role, ROLES_BY_ACCESS[access])})`
}

/** Of a session joined with its user. */
function isLive(caller: Caller, now: number): SQL {
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
 * The viewer from that statement's rows. Throws 401 UNAUTHENTICATED without one, 403 FORBIDDEN when the role is not
 * enough.
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

/** Ends one session, or with `sessionId` null all of the user's. */
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
