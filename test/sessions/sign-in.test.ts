import { beforeEach, describe, expect, it } from 'vitest'
import { call, namedPaths, PLANS } from '../support/api.ts'
import { type Background, catchBackground } from '../support/background.ts'
import { askForCode, enter, mailedCode, receiveCode, SESSIONS } from '../support/sign-in.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
})

describe('signing in', () => {
  it('takes the code from the mail, however the address is spelled', async () => {
    await askForCode(world.marc.email.toUpperCase())
    const code = await receiveCode(background)
    expect(background.mails.map(({ to }) => to)).toEqual([[world.marc.email]])
    expect((await enter(world.marc.email, code)).status).toBe(200)
  })

  it('opens a session of that user', async () => {
    const { body } = await enter(world.marc.email, await mailedCode(background, world.marc.email))
    const { id, email, role } = world.marc
    expect(body).toMatchObject({ user: { id, email, role } })
    expect(body.sessionId).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect((await call(body.sessionId, 'GET', PLANS)).status).toBe(200)
  })

  it('is refused with a code that has been used', async () => {
    const code = await mailedCode(background, world.marc.email)
    await enter(world.marc.email, code)
    const again = await enter(world.marc.email, code)
    expect(again).toMatchObject({ status: 401, body: { code: 'SIGN_IN_FAILED' } })
  })

  it.each([
    [{}, ['email', 'code']],
    [{ email: 'no address', code: '1234567' }, ['email', 'code']],
    [{ email: 7, code: 12345678 }, ['email', 'code']],
  ])('with %j is a 400 that names %j', async (body, paths) => {
    const reply = await call(null, 'POST', SESSIONS, { body })
    expect([reply.status, namedPaths(reply)]).toEqual([400, paths])
  })
})
