import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { checkLink, signLink } from '../../src/exports/links.ts'
import { newId } from '../../src/platform/new-id.ts'
import { call, codeOf, createPlan } from '../support/api.ts'
import { dumpDatabase, dumpKeys } from '../support/dump.ts'
import { HOUR, MINUTE } from '../support/clock.ts'
import { askForExport, pretendSent } from '../support/exports.ts'
import { createWorld, type World } from '../support/world.ts'
import { CURRENT, mixtures, oneCharacterAway, otherParameters, PREVIOUS, WITHDRAWN } from './links.ts'

const IS_LONG = env.TEST_LENGTH === 'long'
const KEYS = [CURRENT, PREVIOUS]
const NOW = Date.UTC(2026, 10, 23, 12)

let world: World
let exportId: string
let otherExportId: string

beforeAll(async () => {
  world = await createWorld()
  ;[exportId, otherExportId] = [await storedExport(), await storedExport()]
})

async function storedExport(): Promise<string> {
  const plan = await createPlan(world.ana)
  const { id } = await askForExport(world.ana, plan.id)
  await pretendSent(id)
  return id
}

const inAnHour = () => Date.now() + HOUR
const validLink = (expiresAt = inAnHour(), key = CURRENT) =>
  signLink({ exportId, file: 'plan.xlsx', expiresAt }, key)

describe('a bent link', () => {
  it('is accepted in none of its variants', { timeout: 600_000 }, async () => {
    let tried = 0
    const refuse = async (variant: string) => {
      tried += 1
      const check = await checkLink(variant, KEYS, NOW)
      if (check.kind !== 'refused') expect.fail(`accepted: ${variant}`)
    }
    const random = () => ({
      exportId: newId(NOW),
      file: `plan-${String(tried)}-1-of-2.xlsx`,
      expiresAt: NOW + 1000 * (1 + Math.floor(Math.random() * 86_400)),
    })
    const genuine = await signLink(random(), CURRENT)
    expect(await checkLink(genuine, KEYS, NOW)).toMatchObject({ kind: 'valid' })
    for (let round = 0; round < (IS_LONG ? 5 : 1); round += 1) {
      const link = await signLink(random(), round % 2 === 0 ? CURRENT : PREVIOUS)
      for (const variant of oneCharacterAway(link)) await refuse(variant)
      for (const variant of otherParameters(link)) await refuse(variant)
      const base = random()
      const targets = [base, { ...base, exportId: newId(NOW) }, { ...base, file: 'other.xlsx' }, random()]
      for await (const variant of mixtures(targets)) await refuse(variant)
      for (const key of [
        WITHDRAWN,
        { ...WITHDRAWN, id: CURRENT.id },
        { ...CURRENT, id: PREVIOUS.id },
        { ...PREVIOUS, id: CURRENT.id },
      ])
        await refuse(await signLink(base, key))
    }
    console.info(`links: ${String(tried)} variants refused`)
    expect(tried).toBeGreaterThan(IS_LONG ? 100_000 : 20_000)
  })

  it('is refused at the door as well', { timeout: 300_000 }, async () => {
    const link = await validLink()
    const variants = [...oneCharacterAway(link), ...otherParameters(link)]
    const step = IS_LONG ? 11 : 101
    const sample = [...variants.filter((_, index) => index % step === 0), ...otherParameters(link)]
    const accepted: string[] = []
    for (const variant of sample) {
      const url = URL.parse(variant.replaceAll('\0', '%00'), 'https://api.test')
      // Every client's URL parser makes the genuine link of such a text, so it is no variant.
      if (url?.origin !== 'https://api.test' || url.pathname + url.search === link) continue
      for (const method of ['GET', 'POST']) {
        const { status } = await call(null, method, url.pathname + url.search)
        if (status !== 403 && status !== 404) accepted.push(`${String(status)} ${method} ${variant}`)
      }
    }
    expect(accepted).toEqual([])
  })

  it.each<[string, (link: string) => string]>([
    ['another export', (link) => link.replace(exportId, otherExportId)],
    ['another file', (link) => link.replace('plan.xlsx', 'plan-1-of-2.xlsx')],
  ])('opens nothing of %s', async (_, bend) => {
    const reply = await call(null, 'GET', bend(await validLink()))
    expect([reply.status, codeOf(reply)]).toEqual([403, 'LINK_REFUSED'])
  })
})

describe('time and keys', () => {
  it.each([
    [-1, 200, undefined],
    [0, 200, undefined],
    [1, 410, 'LINK_EXPIRED'],
  ])('%i s after its expiry a link answers %i', async (seconds, status, code) => {
    const expiresAt = Math.ceil(Date.now() / 1000) * 1000 + MINUTE
    const link = await validLink(expiresAt)
    vi.useFakeTimers({ toFake: ['Date'], now: expiresAt + seconds * 1000 })
    const reply = await call(null, 'GET', link)
    expect([reply.status, codeOf(reply)]).toEqual([status, code])
  })

  it('a key that was rotated still opens', async () => {
    expect((await call(null, 'GET', await validLink(inAnHour(), PREVIOUS))).status).toBe(200)
  })

  it('a key that was withdrawn does not open', async () => {
    const reply = await call(null, 'GET', await validLink(inAnHour(), WITHDRAWN))
    expect([reply.status, codeOf(reply)]).toEqual([403, 'LINK_REFUSED'])
    expect(await checkLink(await validLink(inAnHour(), PREVIOUS), [CURRENT], NOW)).toEqual({
      kind: 'refused',
    })
  })

  it('an expired link with a wrong signature is refused, not expired: it tells nothing', async () => {
    const link = await validLink(Date.now() - MINUTE)
    expect((await call(null, 'GET', link)).status).toBe(410)
    const bent = link.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
    expect((await call(null, 'GET', bent)).status).toBe(403)
  })
})

describe('a link scanner', () => {
  it('changes nothing, however often it looks', async () => {
    const link = await validLink()
    const before = [await dumpDatabase(), await dumpKeys(env.SESSIONS)]
    for (let round = 0; round < 5; round += 1) {
      for (const method of ['GET', 'HEAD']) {
        expect((await call(null, method, link)).status).toBe(200)
        expect(
          (await call(null, method, link, { headers: { 'User-Agent': 'Scanner', Range: 'bytes=0-0' } }))
            .status,
        ).toBe(method === 'GET' ? 206 : 200)
      }
      expect((await call(null, 'OPTIONS', link)).status).toBe(204)
      expect((await call(null, 'PUT', link)).status).toBe(405)
    }
    expect([await dumpDatabase(), await dumpKeys(env.SESSIONS)]).toEqual(before)
    expect((await call(null, 'GET', link)).text).toBe('the file')
  })
})
