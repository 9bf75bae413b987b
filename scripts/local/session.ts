/** Who can sign in here, and a live session without an e-mail, for what `npm run dev` prints. */
import { and, asc, eq, inArray, type SQL } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { companies, sessions, users } from '../../src/db/schema.ts'
import { sha256Hex } from '../../src/platform/hash.ts'
import { type DatabaseName, DIRECTORY } from '../../src/platform/place.ts'
import { rememberSession } from '../../src/platform/session.ts'
import { newToken } from '../../src/platform/token.ts'
import type { LocalBindings } from './bindings.ts'

const MOST_SHOWN = 10

export interface LocalUser {
  id: string
  companyId: string
  email: string
  role: string
  company: string
}

/** Active users with one of these addresses, in their order; if there are none, the first of all. */
export async function findUsers(
  { database }: LocalBindings,
  preferred: readonly string[],
): Promise<LocalUser[]> {
  const activeUsers = async (condition?: SQL) =>
    database
      .select({
        id: users.id,
        companyId: users.companyId,
        email: users.email,
        role: users.role,
        company: companies.name,
      })
      .from(users)
      .innerJoin(companies, eq(companies.id, users.companyId))
      .where(and(eq(users.active, true), condition))
      .orderBy(asc(users.id))
      .limit(MOST_SHOWN)
  const known = await activeUsers(inArray(users.emailKey, [...preferred]))
  if (known.length === 0) return activeUsers()
  return known.sort((one, other) => preferred.indexOf(one.email) - preferred.indexOf(other.email))
}

/** Opens a session in KV and the database of the user's company, as signing in does, and gives its token. */
export async function openSession(
  { databases, sessions: kv, sessionTtlSeconds }: LocalBindings,
  { id: userId, companyId }: Pick<LocalUser, 'id' | 'companyId'>,
  at: DatabaseName = DIRECTORY,
): Promise<string> {
  const database = databases[at]
  if (!database) throw new Error(`No database is bound as ${at}`)
  const token = newToken()
  const tokenHash = await sha256Hex(token)
  const now = Date.now()
  const session = { userId, companyId, expiresAt: now + sessionTtlSeconds * 1000 }
  await rememberSession(kv, { ...session, tokenHash, database: at }, now)
  await drizzle(database)
    .insert(sessions)
    .values({ id: tokenHash, ...session, createdAt: now })
  return token
}
