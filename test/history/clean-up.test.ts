import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { beforeEach, describe, expect, it } from 'vitest'
import { companies, sweepCursors } from '../../src/db/schema.ts'
import { trimHistory } from '../../src/history/clean-up.ts'
import { databaseOf, newMeter } from '../../src/platform/database.ts'
import { readSettings } from '../../src/settings.ts'
import { call, PLANS } from '../support/api.ts'
import { entriesOf, insertEntries } from '../support/entries.ts'
import { insertCompany } from '../support/factories.ts'
import { wrongWeights } from '../support/weights.ts'
import { createWorld } from '../support/world.ts'
import { HOME, home } from '../support/home.ts'

const DAY = 24 * 3_600_000
const KEPT_DAYS = 400
const MIB = 1024 * 1024
const COMPANIES_PER_SWEEP = 50
const ENTRIES_PER_SWEEP = 1000

const database = drizzle(home)
const now = Date.now()
const OLD = now - KEPT_DAYS * DAY - 1
const YOUNG = now - KEPT_DAYS * DAY + 60_000

beforeEach(async () => {
  await database.delete(companies)
  await database.delete(sweepCursors)
})

/** Runs the task once, with a limit of so many MiB a company; gives the rows that it read. */
async function trim(mib = 1024): Promise<number> {
  const meter = newMeter()
  const settings = readSettings({ ...env, COMPANY_MAX_MIB: String(mib) })
  await trimHistory({ env, settings, database: databaseOf(env, { database: HOME }, meter), meter, now })
  return meter.rowsRead
}

const numbersOf = async (companyId: string) => (await entriesOf(companyId)).map(({ number }) => number)

async function companyOf(id: string) {
  const [row] = await database.select().from(companies).where(eq(companies.id, id))
  return row
}

describe('retention', () => {
  it('removes what is older than the days that are kept, and notes up to where', async () => {
    const { id } = await insertCompany({})
    await insertEntries(id, [OLD, OLD, YOUNG, now])
    await trim()
    expect(await numbersOf(id)).toEqual([3, 4])
    expect(await companyOf(id)).toMatchObject({ historyFloor: 2, historyNumber: 4, historyBytes: 2000 })
    expect(await wrongWeights()).toEqual({})
  })

  it('removes a bounded portion at a time, and comes back at once while there is more', async () => {
    const [big, next] = [await insertCompany({ id: '0a' }), await insertCompany({ id: '0b' })]
    await insertEntries(
      big.id,
      Array.from({ length: ENTRIES_PER_SWEEP + 5 }, () => OLD),
    )
    await insertEntries(next.id, [OLD])
    await trim()
    // The two share the portion.
    expect((await entriesOf(big.id)).length).toBe(ENTRIES_PER_SWEEP / 2 + 5)
    expect(await entriesOf(next.id)).toEqual([])
    await trim()
    expect(await entriesOf(big.id)).toEqual([])
  })

  it('looks at a stretch of the companies at a time, and begins anew after the end', async () => {
    for (let index = 0; index < COMPANIES_PER_SWEEP; index += 1)
      await insertCompany({ id: `0${String(index).padStart(3, '0')}` })
    const last = await insertCompany({ id: '1' })
    await insertEntries(last.id, [OLD])
    await trim()
    expect(await numbersOf(last.id)).toEqual([1])
    await trim()
    expect(await numbersOf(last.id)).toEqual([])
    expect(await database.select().from(sweepCursors)).toEqual([])
  })

  it('reads as much however long the history is, while nothing of it is old', async () => {
    const { id } = await insertCompany({})
    await insertEntries(id, [YOUNG])
    const few = await trim()
    const many = await insertCompany({})
    await database.delete(companies).where(eq(companies.id, id))
    await insertEntries(
      many.id,
      Array.from({ length: 500 }, () => YOUNG),
    )
    expect(await trim()).toBe(few)
  })
})

describe('the share of the limit', () => {
  /** A company of 1 MiB with so many entries of 1,000 bytes, and other things of so many bytes. */
  async function fill(entries: number, others: number): Promise<string> {
    const { id } = await insertCompany({})
    await insertEntries(
      id,
      Array.from({ length: entries }, () => now),
    )
    const storedBytes = entries * 1000 + others
    await database.update(companies).set({ storedBytes }).where(eq(companies.id, id))
    return id
  }

  it('is exceeded for good while the company has room', async () => {
    const id = await fill(500, MIB - 500_000)
    await trim(1)
    expect((await entriesOf(id)).length).toBe(500)
  })

  it('gives way, the oldest first, until the company is within its limit', async () => {
    const id = await fill(500, MIB - 500_000 + 2500)
    await trim(1)
    const numbers = await numbersOf(id)
    expect([numbers.length, numbers[0]]).toEqual([497, 4])
  })

  it('is kept, however much else there is', async () => {
    const id = await fill(500, 2 * MIB)
    await trim(1)
    expect((await entriesOf(id)).length).toBe(Math.floor(MIB / 4 / 1000))
  })
})

describe('what the share says, the room for a write says too', () => {
  it.each([
    ['history beyond its share is no reason to refuse', MIB / 2, MIB - 4000, 200],
    ['other things are', 0, MIB - 400, 409],
    ['history within its share is, too', MIB / 4, MIB - 400, 409],
  ])('%s', async (_, historyBytes, storedBytes, status) => {
    const { companyId, ana } = await createWorld()
    await database.update(companies).set({ historyBytes, storedBytes }).where(eq(companies.id, companyId))
    const reply = await call(ana, 'POST', PLANS, { body: { title: 'A' }, vars: { COMPANY_MAX_MIB: '1' } })
    expect(reply.status, reply.text).toBe(status)
  })
})
