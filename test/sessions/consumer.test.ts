import { beforeEach, describe, expect, it } from 'vitest'
import { CODE_LIFETIME_MILLISECONDS } from '../../src/sessions/codes.ts'
import { RESEND_AFTER_MILLISECONDS } from '../../src/jobs/owed-mail.ts'
import { type Background, catchBackground } from '../support/background.ts'
import { letPass, sweep } from '../support/clock.ts'
import { SOON_SECONDS } from '../support/queues.ts'
import { askForCode, deliverCode, forgetCodes, receiveCode, useCodesUp } from '../support/sign-in.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
  await forgetCodes()
})

/** Asks for a code. @returns the message that its mail is sent from */
async function askedMessage(): Promise<unknown> {
  await askForCode(world.marc.email)
  return background.codes.at(-1)
}

describe('the mail with a code', () => {
  it('is in Spanish to who prefers it', async () => {
    await askForCode(world.marc.email, { 'Accept-Language': 'ca;q=0.9, es-ES, en;q=0.8' })
    await receiveCode(background)
    expect(background.mails[0]?.subject).toBe('Tu código de acceso')
  })

  it('is tried again soon when the provider fails', async () => {
    background.answerMail(() => new Response('', { status: 503 }))
    const { acked, retryAfter } = await deliverCode(await askedMessage())
    expect(acked).toBe(false)
    expect(retryAfter).toBeLessThanOrEqual(SOON_SECONDS)
  })

  it('is not tried again when the code is too old to be of use', async () => {
    const message = await askedMessage()
    background.answerMail(() => new Response('', { status: 503 }))
    await deliverCode(message)
    letPass(CODE_LIFETIME_MILLISECONDS + 1)
    expect((await deliverCode(message, 2)).acked).toBe(true)
    expect(background.mails).toEqual([])
  })
})

describe('a code whose message is lost', () => {
  /** Moves the clock on and sweeps. @returns the messages that the sweep sent */
  async function sweepAfter(milliseconds: number): Promise<unknown[]> {
    letPass(milliseconds)
    background.codes.length = 0
    await sweep()
    return background.codes.splice(0)
  }

  it('is sent by the sweep, once in a while', async () => {
    const message = await askedMessage()
    for (let time = 1; time <= 2; time += 1) {
      expect(await sweepAfter(RESEND_AFTER_MILLISECONDS - 1000)).toEqual([])
      expect(await sweepAfter(1000)).toEqual([message])
    }
  })

  it('is mailed once, however often its message comes, and then no more sent', async () => {
    const message = await askedMessage()
    await deliverCode(message)
    await deliverCode(message)
    expect(background.mails).toHaveLength(1)
    expect(await sweepAfter(RESEND_AFTER_MILLISECONDS)).toEqual([])
  })

  it('waits for the retry that is due anyhow', async () => {
    const message = await askedMessage()
    background.answerMail(() => new Response('', { status: 429, headers: { 'Retry-After': '120' } }))
    expect((await deliverCode(message)).retryAfter).toBe(120)
    expect(await sweepAfter(120_000)).toEqual([])
    expect(await sweepAfter(RESEND_AFTER_MILLISECONDS)).toEqual([message])
  })

  it.each([
    ['refused', () => new Response('', { status: 422 })],
    ['accepted', null],
  ])('is left alone once the provider has %s its mail', async (_, answer) => {
    const message = await askedMessage()
    background.answerMail(answer)
    await deliverCode(message)
    expect(await sweepAfter(RESEND_AFTER_MILLISECONDS)).toEqual([])
  })

  it('is left alone when it is a stranger`s', async () => {
    await askForCode('nobody@example.test')
    expect(await sweepAfter(RESEND_AFTER_MILLISECONDS)).toEqual([])
  })

  it('is left alone when it is used', async () => {
    await askedMessage()
    await useCodesUp()
    expect(await sweepAfter(RESEND_AFTER_MILLISECONDS)).toEqual([])
  })

  it('is left alone when it is too old', async () => {
    await askedMessage()
    expect(await sweepAfter(CODE_LIFETIME_MILLISECONDS)).toEqual([])
  })
})
