/** A calendar's address says in which database it was made, and so is answered from there by one call. */
import { env } from 'cloudflare:workers'
import { drizzle } from 'drizzle-orm/d1'
import { eq } from 'drizzle-orm'
import { expect, it, vi } from 'vitest'
import { calendars, companies, users } from '../../src/db/schema.ts'
import type { DatabaseName } from '../../src/platform/place.ts'
import { openCalendar, readCalendar } from '../support/calendars.ts'
import { DATABASES, livingIn, place, unplace } from '../support/home.ts'
import { lineOf } from '../support/log.ts'
import { createWorld } from '../support/world.ts'

const NAMES = ['DB', 'DB_2', 'DB_3'] as const
const d1 = (name: DatabaseName) => DATABASES[name] ?? env.DB

const calendarIn = (name: DatabaseName) =>
  livingIn(name, async () => {
    const { marc } = await createWorld()
    return { person: marc, path: await openCalendar(marc) }
  })

/** The status, and how many calls of D1 it took. */
async function read(path: string): Promise<[number, number | undefined]> {
  const { status, headers } = await readCalendar(path)
  return [status, lineOf(headers.get('X-Request-Id'))?.d1Calls]
}

/** The address with something else before the token, or with nothing. */
const told = (path: string, hint: string) => path.replace(/[^/]*(?=[^./]{43}\.ics$)/, hint)

it.each(NAMES)('one of %s is found by one call, whatever becomes of the other databases', async (name) => {
  const { path } = await calendarIn(name)
  expect(path.split('/').at(-1)).toMatch(
    new RegExp(`^${name === 'DB' ? '1' : name.slice(3)}\\.[0-9a-f]{24}\\.[^.]{43}\\.ics$`),
  )
  expect(await read(path)).toEqual([200, 1])
  for (const other of NAMES.filter((each) => each !== name)) {
    vi.spyOn(d1(other), 'batch').mockImplementation(() => new Promise(() => undefined))
  }
  expect(await read(path)).toEqual([200, 1])
})

it.each(NAMES)('one of %s is found too if its address says nothing, or something wrong', async (name) => {
  const { path, person } = await calendarIn(name)
  const { companyId } = person
  for (const hint of ['', ...['1', '2', '3', '77', '999'].map((number) => `${number}.${companyId}.`)])
    expect((await read(told(path, hint)))[0], hint).toBe(200)
  expect((await read(told(path, `2.${'0'.repeat(24)}.`)))[0]).toBe(200)
  for (const hint of ['0', '02', '1000', '', 'DB_2', '-2', ' 2'])
    expect(await read(told(path, `${hint}.${companyId}.`)), hint).toEqual([404, 0])
  for (const hint of ['2.', '2.x.', `${companyId}.`, `2.${companyId}.${companyId}.`, '.'])
    expect(await read(told(path, hint)), hint).toEqual([404, 0])
})

it('one that says nothing is not held up by a database that hangs', async () => {
  const { path } = await calendarIn('DB_3')
  vi.spyOn(d1('DB_2'), 'batch').mockImplementation(() => new Promise(() => undefined))
  expect(await read(told(path, ''))).toEqual([200, 3])
})

it.each([
  ['DB', 'DB_2'],
  ['DB_2', 'DB_3'],
  ['DB_3', 'DB'],
] as const)(
  'one whose company has moved from %s to %s is found there, others not asked',
  async (from, to) => {
    const { path, person } = await calendarIn(from)
    const { companyId } = person
    const [source, target] = [drizzle(d1(from)), drizzle(d1(to))]
    const [company] = await source.select().from(companies).where(eq(companies.id, companyId))
    const people = await source.select().from(users).where(eq(users.companyId, companyId))
    const [calendar] = await source.select().from(calendars).where(eq(calendars.userId, person.id))
    if (!company || !calendar) throw new Error('they are there')
    await target.insert(companies).values(company)
    for (const each of people) await target.insert(users).values(each)
    await target.insert(calendars).values(calendar)
    await place(from, companyId, 'ELSEWHERE', to)
    await unplace(to, companyId)
    await source.delete(calendars).where(eq(calendars.userId, person.id))
    const third = NAMES.find((name) => name !== from && name !== to) ?? 'DB'
    vi.spyOn(d1(third), 'batch').mockImplementation(() => new Promise(() => undefined))
    // Two calls follow what forwards.
    expect(await read(path)).toEqual([200, 4])
    // The way is unknown while the source is down, so that the others are asked.
    vi.spyOn(d1(third), 'batch').mockRestore()
    vi.spyOn(d1(from), 'batch').mockRejectedValue(new Error('D1_ERROR: Network connection lost.'))
    expect((await read(path))[0]).toBe(200)
  },
)

it('one that was never given is looked for everywhere, and one whose database is down may come back', async () => {
  const { path } = await calendarIn('DB_2')
  expect(await read(path.replace(/[^./]{43}/, 'A'.repeat(43)))).toEqual([404, 4])
  vi.spyOn(d1('DB_2'), 'batch').mockRejectedValue(new Error('D1_ERROR: Network connection lost.'))
  expect(await read(path)).toEqual([503, 3])
})
