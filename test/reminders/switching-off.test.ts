import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { checkSwitchOff, signSwitchOff } from '../../src/reminders/links.ts'
import { newId } from '../../src/platform/new-id.ts'
import { call, codeOf, ME } from '../support/api.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { oneCharacterAway, otherParameters } from '../access/links.ts'

const BROWSER = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const ONE_CLICK = { 'Content-Type': 'application/x-www-form-urlencoded' }
const SECRET = env.DERIVED_KEYS_SECRET

let world: World
let address: string

const addressOf = ({ companyId, id }: Pick<Person, 'companyId' | 'id'>, secret = SECRET) =>
  signSwitchOff({ companyId, userId: id }, secret)

beforeEach(async () => {
  world = await createWorld()
  address = await addressOf(world.marc)
})

const me = (who: Person) => call<{ reminders: boolean }>(who, 'GET', ME)
const hasReminders = async (who: Person) => (await me(who)).body.reminders

describe('the address that switches reminders off', () => {
  it.each(['GET', 'HEAD'])('changes nothing by %s', async (method) => {
    const before = await me(world.marc)
    const page = await call(null, method, address, { headers: BROWSER })
    expect(page.status).toBe(200)
    expect((await me(world.marc)).headers.get('ETag')).toBe(before.headers.get('ETag'))
  })

  it.each([
    ['en', 'Switch reminders off'],
    ['es', 'Desactivar los recordatorios'],
  ])('shows a page that asks, in %s', async (language, button) => {
    const page = await call(null, 'GET', address, { headers: { ...BROWSER, 'Accept-Language': language } })
    expect(page.text).toContain(`<html lang="${language}">`)
    expect(page.text).toMatch(new RegExp(`<form method="post">\\s*<button type="submit">${button}</button>`))
    expect(page.text).not.toContain(world.marc.name)
    expect(page.headers.get('Content-Security-Policy')).toContain("form-action 'self'")
    expect(page.headers.get('Cache-Control')).toBe('private, no-store')
    expect(page.headers.get('Referrer-Policy')).toBe('no-referrer')
  })

  it.each([
    ['one click', 'List-Unsubscribe=One-Click', ONE_CLICK],
    ['the button', '', { ...ONE_CLICK, ...BROWSER }],
    ['no body', undefined, {}],
  ])('switches off by POST, with %s', async (_, body, headers) => {
    const before = await me(world.marc)
    const reply = await call(null, 'POST', address, body === undefined ? { headers } : { body, headers })
    expect([reply.status, reply.headers.get('Content-Type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(reply.text).toContain('Reminders are off')
    const after = await me(world.marc)
    expect(after.body.reminders).toBe(false)
    expect(after.headers.get('ETag')).not.toBe(before.headers.get('ETag'))
    expect(await hasReminders(world.noa)).toBe(true)
  })

  it('works again and again, and says the same', async () => {
    const first = await call(null, 'POST', address)
    const tag = (await me(world.marc)).headers.get('ETag')
    const second = await call(null, 'POST', address)
    expect([second.status, second.text]).toEqual([first.status, first.text])
    expect((await me(world.marc)).headers.get('ETag')).toBe(tag)
    await call(world.marc, 'PATCH', ME, { body: { reminders: true } })
    await call(null, 'POST', address)
    expect(await hasReminders(world.marc)).toBe(false)
  })

  it('answers the same for a user who is not there or not active', async () => {
    const known = await call(null, 'POST', address)
    const nobody = await addressOf({ companyId: world.companyId, id: newId(Date.now()) })
    const unknown = await call(null, 'POST', nobody)
    expect([unknown.status, unknown.text]).toEqual([known.status, known.text])
    await call(world.ana, 'PATCH', `/api/v1/company/users/${world.noa.id}`, { body: { active: false } })
    const inactive = await call(null, 'POST', await addressOf(world.noa))
    expect([inactive.status, inactive.text]).toEqual([known.status, known.text])
  })

  it('does nothing in another company', async () => {
    await call(null, 'POST', await addressOf({ companyId: world.gus.companyId, id: world.marc.id }))
    expect(await hasReminders(world.marc)).toBe(true)
  })

  it.each(['GET', 'POST'])('is 403 by %s if it was not signed here', async (method) => {
    const foreign = await addressOf(world.marc, 'another secret of more than 32 bytes')
    const problem = await call(null, method, foreign)
    expect([problem.status, codeOf(problem)]).toEqual([403, 'LINK_REFUSED'])
    const page = await call(null, method, foreign, { headers: BROWSER })
    expect([page.status, page.headers.get('Content-Type')]).toEqual([403, 'text/html; charset=utf-8'])
    expect(page.text).toContain('This link is not valid')
    expect(await hasReminders(world.marc)).toBe(true)
  })

  it('is accepted in none of its variants', { timeout: 300_000 }, async () => {
    const target = { companyId: world.companyId, userId: world.marc.id }
    expect(await checkSwitchOff(address, SECRET)).toEqual(target)
    for (const variants of [oneCharacterAway(address), otherParameters(address)])
      for (const variant of variants)
        if (variant !== address && (await checkSwitchOff(variant, SECRET)))
          expect.fail(`accepted: ${variant}`)
  })

  it('is limited by itself and not by the network, if it is genuine', async () => {
    const keys: string[] = []
    const ADDRESS_REQUESTS = {
      limit: ({ key }: { key: string }) => {
        keys.push(key)
        return Promise.resolve({ success: true })
      },
    }
    const vars = { RATE_LIMITS: 'on', ADDRESS_REQUESTS } as unknown as Partial<Env>
    await call(null, 'POST', address, { vars })
    await call(null, 'POST', `${address}0`, { vars })
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(keys[1]).toBe('unknown')
  })
})
