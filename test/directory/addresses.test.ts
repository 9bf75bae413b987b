/** E-mail addresses are unique over all databases, whatever fails while users come and go. */
import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { describe, expect, it } from 'vitest'
import { addresses, companies, users } from '../../src/db/schema.ts'
import { sha256Hex } from '../../src/platform/hash.ts'
import type { DatabaseName } from '../../src/platform/place.ts'
import { call, codeOf, type Reply, USERS } from '../support/api.ts'
import { catchBackground } from '../support/background.ts'
import { letPass, MINUTE, sweep } from '../support/clock.ts'
import { dumpDatabase } from '../support/dump.ts'
import { DATABASES, livingIn, place, unplace } from '../support/home.ts'
import { CODES } from '../support/sign-in.ts'
import { createWorld, type Person } from '../support/world.ts'
import { Faults, Invocation, type Way } from '../reliability/faults/faults.ts'

const NAMES = ['DB', 'DB_2', 'DB_3'] as const
const PAIRS = NAMES.flatMap((one) => NAMES.map((other) => [one, other] as const))
const WAYS: readonly Way[] = [
  'throw before the effect',
  'throw after the effect',
  'death before the effect',
  'death after the effect',
]

let count = 0
const newEmail = () => `person-${String((count += 1))}@example.test`

const adminIn = async (name: DatabaseName): Promise<Person> => (await livingIn(name, createWorld)).ana

function create(who: Person, email: string, vars?: Partial<Env>): Promise<Reply<{ id: string }>> {
  return call(who, 'POST', USERS, {
    body: { email, name: 'New', role: 'MANAGER' },
    headers: { 'Idempotency-Key': email },
    ...(vars ? { vars } : {}),
  })
}

/** Who has the address, by database; and what the directory says of it. */
async function holdersOf(email: string) {
  const found = NAMES.map(async (name) => {
    const rows = await drizzle(DATABASES[name] ?? env.DB)
      .select()
      .from(users)
    return rows.filter(({ emailKey }) => emailKey === email).map(({ id }) => ({ name, id }))
  })
  const known = await drizzle(env.DB).select().from(addresses)
  return {
    holders: (await Promise.all(found)).flat(),
    known: known.filter(({ emailKey }) => emailKey === email),
  }
}

/** Does something while the `at`-th call to D1 fails. Whether there was one. */
async function failing(
  at: number,
  way: Way,
  work: (vars: Partial<Env>) => Promise<unknown>,
): Promise<boolean> {
  let calls = 0
  const plan = (_call: number, name: string) => {
    if (!name.startsWith('D1')) return null
    calls += 1
    return calls === at ? way : null
  }
  await new Invocation(env, new Faults(plan)).run(work)
  return calls >= at
}

describe.each(PAIRS)('somebody in %s has an address, and in %s', (one, other) => {
  it('nobody can be given it', async () => {
    const [first, second] = [await adminIn(one), await adminIn(other)]
    const email = newEmail()
    expect((await create(first, email)).status).toBe(200)
    const reply = await create(second, email.toUpperCase())
    expect([reply.status, codeOf(reply)]).toEqual([409, 'EMAIL_TAKEN'])
    expect((await holdersOf(email)).holders).toHaveLength(1)
  })

  it('of two creations at once one wins', async () => {
    for (let round = 1; round <= 5; round += 1) {
      const [first, second] = [await adminIn(one), await adminIn(other)]
      const email = newEmail()
      const replies = await Promise.all([create(first, email), create(second, email)])
      const statuses = replies.map(({ status }) => status).sort()
      expect(statuses).toEqual([200, 409])
      const winner = replies.find(({ status }) => status === 200)?.body.id
      const { holders, known } = await holdersOf(email)
      expect(holders.map(({ id }) => id)).toEqual([winner])
      expect(known.map(({ userId, settleAt }) => [userId, settleAt])).toEqual(
        holders[0]?.name === 'DB' ? [] : [[winner, null]],
      )
    }
  })
})

describe.each(NAMES)('the creation of a user in %s', (name) => {
  it.each(WAYS)(
    'leaves user and address, or neither, if any call to D1 suffers: %s',
    async (way) => {
      const admin = await adminIn(name)
      const stranger = await adminIn(name === 'DB_3' ? 'DB_2' : 'DB_3')
      for (let at = 1; ; at += 1) {
        const email = newEmail()
        if (!(await failing(at, way, (vars) => create(admin, email, vars)))) break
        const { holders } = await holdersOf(email)
        const isRetriedAtOnce = at % 2 === 0
        if (!isRetriedAtOnce) {
          letPass(6 * MINUTE)
          await sweep()
          const settled = await holdersOf(email)
          expect(settled.holders).toEqual(holders)
          expect(settled.known.map(({ userId, settleAt }) => [userId, settleAt])).toEqual(
            name === 'DB' ? [] : holders.map(({ id }) => [id, null]),
          )
          if (holders.length === 0 && at % 4 === 1) {
            // The address is free for everybody.
            expect((await create(stranger, email)).status).toBe(200)
            continue
          }
        }
        const again = await create(admin, email)
        expect([again.status, again.body.id], `call ${String(at)}: ${again.text}`).toEqual([
          200,
          holders[0]?.id ?? again.body.id,
        ])
        letPass(6 * MINUTE)
        await sweep()
        const after = await holdersOf(email)
        expect(after.holders.map(({ id }) => id)).toEqual([again.body.id])
        expect(after.known.map(({ userId, settleAt }) => [userId, settleAt])).toEqual(
          name === 'DB' ? [] : [[again.body.id, null]],
        )
      }
    },
    60_000,
  )
})

describe.each(NAMES)('an address that is refused to somebody in %s', (name) => {
  it.each(['LEAVING', 'ARRIVING'] as const)('since the company is %s is free for others', async (state) => {
    const [admin, stranger] = [await adminIn(name), await adminIn(name === 'DB_3' ? 'DB_2' : 'DB_3')]
    const email = newEmail()
    await place(name, admin.companyId, state, name === 'DB' ? 'DB_2' : 'DB')
    const refused = await create(admin, email)
    expect([refused.status, codeOf(refused)]).toEqual([503, 'COMPANY_MOVING'])
    expect((await create(stranger, email)).status).toBe(200)
    const again = await create(admin, email)
    expect([again.status, codeOf(again)]).toEqual([503, 'COMPANY_MOVING'])
  })

  it('since the company is full is free for others', async () => {
    const [admin, stranger] = [await adminIn(name), await adminIn(name === 'DB_3' ? 'DB_2' : 'DB_3')]
    await drizzle(DATABASES[name] ?? env.DB)
      .update(companies)
      .set({ storedBytes: 1024 * 1024 })
      .where(eq(companies.id, admin.companyId))
    const email = newEmail()
    expect((await create(admin, email, { COMPANY_MAX_MIB: '1' })).status).toBe(409)
    expect((await holdersOf(email)).known).toEqual([])
    expect((await create(stranger, email)).status).toBe(200)
  })
})

describe.each(NAMES)('the erasure of a user in %s', (name) => {
  /** Names the tables of all databases that hold the address or its hash. */
  async function tracesOf(email: string): Promise<string[]> {
    const hash = await sha256Hex(email)
    const found: string[] = []
    for (const each of NAMES)
      for (const [table, rows] of Object.entries(await livingIn(each, dumpDatabase)))
        if (rows.some((row) => row.includes(email) || row.includes(hash))) found.push(`${each}.${table}`)
    return found
  }

  it.each(WAYS)(
    'frees the address and leaves nothing of it, if any call to D1 suffers: %s',
    async (way) => {
      catchBackground()
      const admin = await adminIn(name)
      for (let at = 1; ; at += 1) {
        const email = newEmail()
        // Asked for while nobody has the address, so that the code is in `DB`.
        await call(null, 'POST', CODES, { body: { email } })
        const { id } = (await create(admin, email)).body
        expect((await call(admin, 'PATCH', `${USERS}/${id}`, { body: { active: false } })).status).toBe(200)
        const erase = (vars?: Partial<Env>) =>
          call(admin, 'POST', `${USERS}/${id}/erasure`, vars ? { vars } : {})
        const isHit = await failing(at, way, erase)
        if (at % 2 === 0) {
          letPass(6 * MINUTE)
          await sweep()
          const { holders, known } = await holdersOf(email)
          expect(known.map(({ userId }) => userId)).toEqual(
            name === 'DB' ? [] : holders.map((held) => held.id),
          )
        }
        expect((await erase()).status).toBe(200)
        letPass(6 * MINUTE)
        await sweep()
        expect(await tracesOf(email), `call ${String(at)}`).toEqual([])
        const heir = await adminIn(name === 'DB_3' ? 'DB_2' : 'DB_3')
        expect((await create(heir, email)).status).toBe(200)
        if (!isHit) break
      }
    },
    60_000,
  )
})

it('an address in doubt is settled only where its company is to stay', async () => {
  const { ana } = await livingIn('DB_2', createWorld)
  const email = newEmail()
  // The user is stored, and the confirmation fails.
  await failing(4, 'throw before the effect', (vars) => create(ana, email, vars))
  const { holders, known } = await holdersOf(email)
  expect([holders.length, known[0]?.settleAt]).toEqual([1, expect.any(Number)])
  await place('DB_2', ana.companyId, 'ELSEWHERE', 'DB_3')
  await drizzle(DATABASES.DB_2 ?? env.DB)
    .update(users)
    .set({ emailKey: 'moved' })
    .where(eq(users.emailKey, email))
  letPass(6 * MINUTE)
  await sweep()
  expect((await holdersOf(email)).known).toEqual(known)
  await drizzle(DATABASES.DB_2 ?? env.DB)
    .update(users)
    .set({ emailKey: email })
    .where(eq(users.emailKey, 'moved'))
  await unplace('DB_2', ana.companyId)
  await sweep()
  expect((await holdersOf(email)).known).toMatchObject([{ userId: holders[0]?.id, settleAt: null }])
})
