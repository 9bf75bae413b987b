/** A service with some databases, and companies spread over them in turn. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/d1'
import { companyPlaces } from '../../src/db/schema.ts'
import { databaseNames } from '../../src/platform/database.ts'
import { type DatabaseName, DIRECTORY } from '../../src/platform/place.ts'
import { type BenchCompany, fillBenchCompany } from '../bench-lists/company.ts'
import { progress, type Seeded } from '../bench-lists/setting.ts'
import { count } from '../company/progress.ts'
import { newPlace, type Service, startService } from '../killtest/service.ts'
import type { LocalBindings } from '../local/bindings.ts'
import { seedState } from '../local/seeding.ts'
import { openSession } from '../local/session.ts'

export interface Fleet {
  service: Service
  companies: readonly Seeded[]
}

/**
 * Fills a new state folder and starts the service on it.
 * @param sizes actions of each company; the first is in `DB`, the second in `DB_2`, and so on, and again from `DB`
 */
export async function openFleet(folder: string, databases: number, sizes: readonly number[]): Promise<Fleet> {
  const stateDir = join(folder, `of-${databases}`)
  await mkdir(stateDir)
  const variables = { DATABASES: String(databases), RATE_LIMITS: 'off', INSPECTOR_PORT: 'off' }
  process.env.DATABASES = variables.DATABASES
  const companies = await seedState(stateDir, async (bindings) => {
    const names = databaseNames(bindings.databases)
    const seeded: Seeded[] = []
    for (const [index, actions] of sizes.entries()) {
      progress(`${count(databases, 'database')}: seeding ${actions} actions`)
      seeded.push(await seedOne(bindings, names[index % names.length] ?? DIRECTORY, index + 1, actions))
    }
    return seeded
  })
  return { service: await startService(await newPlace(stateDir), variables), companies }
}

async function seedOne(
  bindings: LocalBindings,
  at: DatabaseName,
  number: number,
  actions: number,
): Promise<Seeded> {
  const database = bindings.databases[at]
  if (!database) throw new Error(`No database is bound as ${at}`)
  const now = Date.now()
  const nothing = () => undefined
  const company = await fillBenchCompany(drizzle(database), number, actions, now, nothing, { history: false })
  const { companyId, readerId, adminId } = company
  const place = { companyId, state: 'ELSEWHERE' as const, database: at, changedAt: now }
  if (at !== DIRECTORY) await bindings.database.insert(companyPlaces).values(place)
  const sessionOf = (id: BenchCompany['readerId']) => openSession(bindings, { id, companyId }, at)
  return { ...company, actions, token: await sessionOf(readerId), adminToken: await sessionOf(adminId) }
}
