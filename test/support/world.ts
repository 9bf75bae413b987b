/** Companies and people for tests, put where the worker looks for them: D1 for truth, KV for sessions. */
import { env } from 'cloudflare:workers'
import type { Role } from '../../src/db/enums.ts'
import { sha256Hex } from '../../src/platform/hash.ts'
import { newId } from '../../src/platform/new-id.ts'
import { newToken, rememberSession } from '../../src/platform/session.ts'
import { fold } from '../../src/platform/text.ts'

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
  const id = newId(Date.now())
  await env.DB.prepare(
    'INSERT INTO companies (id, name, time_zone, created_at, updated_at) VALUES (?, ?, ?, ?, ?)',
  )
    .bind(id, `Company ${id}`, timeZone, Date.now(), Date.now())
    .run()
  return id
}

/** A user with a live session. */
export async function createPerson(companyId: string, role: Role, name?: string): Promise<Person> {
  const id = newId(Date.now())
  count += 1
  const person = {
    id,
    companyId,
    email: `person-${String(count)}-${id}@example.test`,
    name: name ?? `${role} ${String(count)}`,
    role,
  }
  await env.DB.prepare(
    `INSERT INTO users (id, company_id, email, email_key, name, name_folded, role, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
    .bind(
      id,
      companyId,
      person.email,
      person.email,
      person.name,
      fold(person.name),
      role,
      Date.now(),
      Date.now(),
    )
    .run()
  return { ...person, session: await openSession(person) }
}

/** Another live session of somebody; `lifetime` in milliseconds. */
export async function openSession(
  person: { id: string; companyId: string },
  lifetime = 3_600_000,
): Promise<string> {
  const token = newToken()
  const now = Date.now()
  const session = {
    sessionId: await sha256Hex(token),
    userId: person.id,
    companyId: person.companyId,
    expiresAt: now + lifetime,
  }
  await env.DB.prepare(
    'INSERT INTO sessions (id, user_id, company_id, created_at, expires_at) VALUES (?, ?, ?, ?, ?)',
  )
    .bind(session.sessionId, person.id, person.companyId, now, session.expiresAt)
    .run()
  await rememberSession(env.SESSIONS, session, now)
  return token
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

/** Two companies: one with an ADMIN (ana), two MANAGERs (marc, noa) and an EMPLOYEE (eli), one with gus alone. */
export async function createWorld(): Promise<World> {
  const companyId = await createCompany('Europe/Madrid')
  const other = await createCompany()
  return {
    companyId,
    ana: await createPerson(companyId, 'ADMIN', 'Ana'),
    marc: await createPerson(companyId, 'MANAGER', 'Marc'),
    noa: await createPerson(companyId, 'MANAGER', 'Noa'),
    eli: await createPerson(companyId, 'EMPLOYEE', 'Eli'),
    gus: await createPerson(other, 'ADMIN', 'Gus'),
  }
}

/** A plan that came from elsewhere: nobody created it. */
export async function createLegacyPlan(companyId: string, visibility = 'PRIVATE'): Promise<string> {
  const id = newId(Date.now())
  await env.DB.prepare(
    'INSERT INTO plans (id, company_id, title, visibility, created_by, created_at, updated_at) VALUES (?, ?, ?, ?, NULL, ?, ?)',
  )
    .bind(id, companyId, 'Legacy plan', visibility, Date.now(), Date.now())
    .run()
  return id
}
