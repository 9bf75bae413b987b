/**
 * Who is calling. KV answers fast where the request is; D1 keeps the truth and is asked again in the batch
 * that the request makes anyhow (`viewerStatement`) or inside the write itself (platform/write.ts).
 */
import * as z from '@zod/mini'
import { type SQL, sql } from 'drizzle-orm'
import type { Role } from '../db/enums.ts'
import type { Database, Meter } from './database.ts'
import { ID_PATTERN, sha256Hex, toBase64Url } from './ids.ts'
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

/** The caller as D1 knows him or her now. */
export interface Viewer {
  id: string
  companyId: string
  role: Role
  name: string
}

/** Who may call an endpoint: anybody, anyone signed in, company managers, ADMINs. */
export type Access = 'public' | 'session' | 'manager' | 'admin'

const ROLES_BY_ACCESS: Record<Access, readonly Role[]> = {
  public: ['ADMIN', 'MANAGER', 'EMPLOYEE'],
  session: ['ADMIN', 'MANAGER', 'EMPLOYEE'],
  manager: ['ADMIN', 'MANAGER'],
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
  return database.all<{ id: string; company_id: string; role: Role; name: string }>(
    sql`SELECT u.id, u.company_id, u.role, u.name ${liveSession(caller, now)}`,
  )
}

/** SQL that is 1 while the caller may write, else NULL. */
export function sessionGuard(caller: Caller, access: Access, now: number): SQL {
  return sql`(SELECT 1 ${liveSession(caller, now)} AND u.role IN (SELECT value FROM json_each(${JSON.stringify(ROLES_BY_ACCESS[access])})))`
}

function liveSession(caller: Caller, now: number): SQL {
  return sql`FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ${caller.sessionId} AND s.revoked_at IS NULL AND s.expires_at > ${now}
      AND u.active = 1 AND u.id = ${caller.userId} AND u.company_id = ${caller.companyId}`
}

/** The viewer from that statement's rows; 401 without one, 403 when the role is not enough. */
export function admit(
  rows: readonly { id: string; company_id: string; role: Role; name: string }[],
  access: Access,
): Viewer {
  const [row] = rows
  if (!row) throw new Problem('UNAUTHENTICATED')
  if (!ROLES_BY_ACCESS[access].includes(row.role)) {
    throw new Problem(
      'FORBIDDEN',
      access === 'admin' ? 'Only an ADMIN may do this.' : 'Only company managers may do this.',
    )
  }
  return { id: row.id, companyId: row.company_id, role: row.role, name: row.name }
}
