/** A live session without an e-mail, for the curl that `npm run dev` prints. */
import { eq } from 'drizzle-orm'
import { sessions, users } from '../../src/db/schema.ts'
import { newToken, rememberSession, sessionIdOf } from '../../src/platform/session.ts'
import type { LocalBindings } from './bindings.ts'

/**
 * Opens a session in D1 and KV, as signing in does.
 * @returns its token, or null when nobody has that address
 */
export async function openSession(
  { database, sessions: kv, sessionTtlSeconds }: LocalBindings,
  email: string,
): Promise<string | null> {
  const [user] = await database.select().from(users).where(eq(users.emailKey, email))
  const token = newToken()
  const sessionId = await sessionIdOf(token)
  if (!user || sessionId === null) return null
  const now = Date.now()
  const expiresAt = now + sessionTtlSeconds * 1000
  const owner = { userId: user.id, companyId: user.companyId }
  await database.insert(sessions).values({ id: sessionId, ...owner, createdAt: now, expiresAt })
  await rememberSession(kv, { ...owner, sessionId, expiresAt }, now)
  return token
}
