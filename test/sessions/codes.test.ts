import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { CODE_LIFETIME_MILLISECONDS, HOURLY_LIMITS, MOST_TRIES } from '../../src/sessions/codes.ts'
import { type Background, catchBackground } from '../support/background.ts'
import { HOUR, letPass } from '../support/clock.ts'
import { dumpDatabase, dumpKeys } from '../support/dump.ts'
import {
  askForCode,
  forgetCodes,
  giveTryBack,
  guess,
  mailedCode,
  receiveCode,
  storedCodes,
  tryCode,
} from '../support/sign-in.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let background: Background
/** Ana's address. */
let email: string

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
  email = world.ana.email
  await forgetCodes()
})

const codeFor = (address: string) => mailedCode(background, address)

describe('a code', () => {
  it('opens one session, once, also when it is entered often at once', async () => {
    const code = await codeFor(email)
    const tries = await Promise.all(Array.from({ length: 5 }, () => tryCode(email, code)))
    expect(tries.sort()).toEqual([200, 401, 401, 401, 401])
    expect(await tryCode(email, code)).toBe(401)
  })

  it('is dead after so many wrong tries, also the right one', async () => {
    const code = await codeFor(email)
    await guess(email, code, MOST_TRIES)
    expect(await tryCode(email, code)).toBe(401)
  })

  it('still works after one wrong try less', async () => {
    const code = await codeFor(email)
    await guess(email, code, MOST_TRIES - 1)
    expect(await tryCode(email, code)).toBe(200)
  })

  it('is dead after many wrong tries at once, which count one by one', async () => {
    const code = await codeFor(email)
    await Promise.all(Array.from({ length: 40 }, () => guess(email, code, 1)))
    expect(await tryCode(email, code)).toBe(401)
    expect((await storedCodes()).map(({ tries }) => tries)).toEqual([MOST_TRIES])
  })

  it('is dead when its time is over', async () => {
    const code = await codeFor(email)
    letPass(CODE_LIFETIME_MILLISECONDS + 1)
    expect(await tryCode(email, code)).toBe(401)
  })

  it('of one person opens nobody else`s session', async () => {
    const code = await codeFor(email)
    await codeFor(world.marc.email)
    for (const other of [world.marc, world.noa, world.gus]) expect(await tryCode(other.email, code)).toBe(401)
  })

  it('is still good when KV failed, however often, and so is another', async () => {
    const [first, second] = [await codeFor(email), await codeFor(email)]
    await guess(email, first, MOST_TRIES - 1)
    const put = vi.spyOn(env.SESSIONS, 'put').mockRejectedValue(new Error('down'))
    for (let tries = 0; tries <= MOST_TRIES; tries += 1) expect(await tryCode(email, first)).toBe(500)
    put.mockRestore()
    expect(await tryCode(email, first)).toBe(200)
    expect(await tryCode(email, second)).toBe(200)
  })

  it('is not kept: neither D1, KV nor a queue message holds it, nor a stranger`s address', async () => {
    const stranger = 'stranger@example.test'
    await askForCode(stranger)
    await askForCode(email)
    const queued = JSON.stringify(background.codes)
    const code = await receiveCode(background)
    expect(code).toMatch(/^\d{8}$/)
    const kept = JSON.stringify([queued, await dumpDatabase(), await dumpKeys(env.SESSIONS)])
    expect(kept).not.toContain(code)
    expect(kept).not.toContain(stranger)
    expect(queued).not.toContain(email)
  })
})

describe('several codes of one person', () => {
  it('open a session each, in any order', async () => {
    const codes: string[] = []
    for (let count = 0; count < 8; count += 1) codes.push(await codeFor(email))
    for (const code of [...codes.slice(4), ...codes.slice(0, 4)]) {
      expect(await tryCode(email, code)).toBe(200)
      expect(await tryCode(email, code)).toBe(401)
      // The second entry counted as a wrong try at the other codes, which would die of many.
      await giveTryBack()
    }
  })

  it('do not count a right try at one of them as a wrong one', async () => {
    const [first, second] = [await codeFor(email), await codeFor(email)]
    await guess(email, second, MOST_TRIES - 1)
    expect(await tryCode(email, first)).toBe(200)
    expect(await tryCode(email, second)).toBe(200)
  })

  it('die together of the wrong tries', async () => {
    const [first, second] = [await codeFor(email), await codeFor(email)]
    await guess(email, first, MOST_TRIES)
    expect([await tryCode(email, first), await tryCode(email, second)]).toEqual([401, 401])
  })
})

describe('in an hour', () => {
  const { perEmailAndAddress, perEmail } = HOURLY_LIMITS
  const LIMITED = { RATE_LIMITS: 'on' } as const

  /** Asks for a code from a network address, which is always answered alike. @returns whether a mail was sent */
  async function asks(who: string, address: string): Promise<boolean> {
    const before = background.mails.length
    const reply = await askForCode(who, { 'CF-Connecting-IP': address }, LIMITED)
    expect(reply.body.message).toContain('on its way')
    await receiveCode(background)
    return background.mails.length > before
  }

  async function askOften(who: string, times: number, address: (code: number) => string): Promise<void> {
    for (let code = 0; code < times; code += 1)
      expect(await asks(who, address(code)), `code ${code}`).toBe(true)
  }

  it('one address gets so many codes for an e-mail address, however that is spelled', async () => {
    await askOften(email, perEmailAndAddress, () => '198.51.100.1')
    for (const spelled of [email, email.toUpperCase(), ` ${email} `])
      expect(await asks(spelled, '198.51.100.1')).toBe(false)
    expect(await asks(email, '198.51.100.2')).toBe(true)
    expect(await asks(world.marc.email, '198.51.100.1')).toBe(true)
  })

  it('all addresses together get so many', async () => {
    await askOften(email, perEmail, (code) => `198.51.101.${code % 10}`)
    expect(await asks(email, '198.51.101.50')).toBe(false)
    expect(await asks(world.marc.email, '198.51.101.50')).toBe(true)
  })

  it('parallel requests pass no limit', async () => {
    const from = { 'CF-Connecting-IP': '198.51.102.1' }
    await Promise.all(Array.from({ length: 12 }, () => askForCode(email, from, LIMITED)))
    await receiveCode(background)
    expect(background.mails).toHaveLength(perEmailAndAddress)
  })

  it('the last code before the limit still opens a session, which lifts no limit', async () => {
    await askOften(email, perEmailAndAddress, () => '198.51.103.1')
    const code = await receiveCode(background)
    expect(await asks(email, '198.51.103.1')).toBe(false)
    expect(await tryCode(email, code)).toBe(200)
    expect(await asks(email, '198.51.103.1')).toBe(false)
  })

  it('there are new ones: the limits are those of the hour before', async () => {
    await askOften(email, perEmailAndAddress, () => '198.51.104.1')
    letPass(HOUR + 1)
    expect(await asks(email, '198.51.104.1')).toBe(true)
  })

  it('RATE_LIMITS=off lifts the limits on codes, not those on tries', async () => {
    const codes: string[] = []
    for (let count = 0; count < perEmail + 5; count += 1) codes.push(await codeFor(email))
    expect(background.mails).toHaveLength(perEmail + 5)
    const last = codes.at(-1) ?? ''
    await guess(email, last, MOST_TRIES)
    expect(await tryCode(email, last)).toBe(401)
  })
})
