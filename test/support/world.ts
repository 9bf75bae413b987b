/** Companies and people for tests, put where the worker looks for them: D1 for truth, KV for sessions. */
import { env } from 'cloudflare:workers'
import type { KeyScope, Role } from '../../src/db/enums.ts'
import type { accessKeys } from '../../src/db/schema.ts'
import { sha256Hex } from '../../src/platform/hash.ts'
import { rememberSession } from '../../src/platform/session.ts'
import { newAccessKey, newToken } from '../../src/platform/token.ts'
import { insertAccessKey, insertCompany, insertSession, insertUser } from './factories.ts'
import { livingIn, nameOfHome, NEIGHBOUR } from './home.ts'

export interface Person {
  id: string
  companyId: string
  email: string
  name: string
  role: Role
  /** A live session's token. */
  session: string
}

let count = 0

/** A company of its own, so that tests do not meet. */
export async function createCompany(timeZone = 'UTC'): Promise<string> {
  return (await insertCompany({ timeZone })).id
}

/** A user with a live session. */
export async function createPerson(companyId: string, role: Role, name?: string): Promise<Person> {
  count += 1
  const user = await insertUser({ companyId, role, name: name ?? `${role} ${String(count)}` })
  return { ...user, session: await openSession(user) }
}

/** Another live session of somebody; `lifetime` in milliseconds. */
export async function openSession(
  person: { id: string; companyId: string },
  lifetime = 3_600_000,
): Promise<string> {
  const token = newToken()
  const now = Date.now()
  const { id, companyId } = person
  const session = { tokenHash: await sha256Hex(token), userId: id, companyId, expiresAt: now + lifetime }
  await insertSession({ ...session, id: session.tokenHash, createdAt: now })
  await rememberSession(env.SESSIONS, { ...session, database: nameOfHome(companyId) }, now)
  return token
}

/** A live access key of somebody, or one whose row in D1 has other columns. */
export async function openKey(
  { id: userId, companyId }: { id: string; companyId: string },
  scope: KeyScope,
  columns: Partial<typeof accessKeys.$inferInsert> = {},
): Promise<string> {
  const key = newAccessKey()
  const now = Date.now()
  const known = { tokenHash: await sha256Hex(key), userId, companyId, expiresAt: now + 3_600_000 }
  await insertAccessKey({ ...known, scope, keyHash: known.tokenHash, ...columns })
  await rememberSession(env.SESSIONS, { ...known, database: nameOfHome(companyId) }, now)
  return key
}

export interface World {
  companyId: string
  ana: Person
  marc: Person
  noa: Person
  eli: Person
  /** ADMIN of another company. */
  gus: Person
}

/**
 * Two companies: one with an ADMIN (ana), two MANAGERs (marc, noa) and an EMPLOYEE (eli), one with gus alone, in another
 * database if there is one and no other is named.
 */
export async function createWorld(neighbour = NEIGHBOUR): Promise<World> {
  const companyId = await createCompany('Europe/Madrid')
  return {
    companyId,
    ana: await createPerson(companyId, 'ADMIN', 'Ana'),
    marc: await createPerson(companyId, 'MANAGER', 'Marc'),
    noa: await createPerson(companyId, 'MANAGER', 'Noa'),
    eli: await createPerson(companyId, 'EMPLOYEE', 'Eli'),
    gus: await livingIn(neighbour, async () => createPerson(await createCompany(), 'ADMIN', 'Gus')),
  }
}
