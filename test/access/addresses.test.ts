import { beforeEach, describe, expect, it } from 'vitest'
import { call, type Reply } from '../support/api.ts'
import { type Background, catchBackground } from '../support/background.ts'
import { lineOf } from '../support/log.ts'
import { askForCode, CODES, enter, receiveCode, SESSIONS } from '../support/sign-in.ts'
import { createWorld, type World } from '../support/world.ts'
import { DATABASES } from '../support/home.ts'

let world: World
let background: Background
let known: string
let unknown: string

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
  known = world.ana.email
  unknown = `un${known}`
})

const deactivateNoa = () =>
  call(world.ana, 'PATCH', `/api/v1/company/users/${world.noa.id}`, { body: { active: false } })

/** All but what differs from request to request. */
const essence = ({ status, text, headers }: Reply<object>) => [
  status,
  text.replace(/"requestId":"[^"]*"/, ''),
  [...headers].filter(([name]) => !['x-request-id', 'date'].includes(name)),
]

describe('known and unknown addresses, and those of the inactive', () => {
  it('get the same answers to asking for a code, and the same messages', async () => {
    await deactivateNoa()
    const answer = essence(await askForCode(known))
    expect(essence(await askForCode(unknown))).toEqual(answer)
    expect(essence(await askForCode(world.noa.email))).toEqual(answer)
    expect(background.codes).toHaveLength(3)
  })

  it('get the same answers to a wrong code', async () => {
    await deactivateNoa()
    await askForCode(known)
    await askForCode(unknown)
    const reply = await enter(known, '00000000')
    expect(reply.body).toMatchObject({ code: 'SIGN_IN_FAILED' })
    expect(essence(await enter(unknown, '00000000'))).toEqual(essence(reply))
    expect(essence(await enter(world.noa.email, '00000000'))).toEqual(essence(reply))
  })

  it('cause the same work: as many calls, rows and messages', async () => {
    const cost = async (path: string, body: object) => {
      background.codes.length = 0
      const reply = await call(null, 'POST', path, { body })
      const line = lineOf(reply.headers.get('X-Request-Id'))
      return [reply.status, line?.d1Calls, line?.kvReads, line?.rowsWritten, background.codes.length]
    }
    // Of several databases, one is asked first where the address is.
    const calls = Object.keys(DATABASES).length === 1 ? 1 : 2
    const asked = await cost(CODES, { email: known })
    expect(asked).toEqual([202, calls, 0, expect.any(Number), 1])
    expect(await cost(CODES, { email: unknown })).toEqual(asked)
    const tried = await cost(SESSIONS, { email: known, code: '00000000' })
    expect(tried).toEqual([401, calls, 0, expect.any(Number), 0])
    expect(await cost(SESSIONS, { email: unknown, code: '00000000' })).toEqual(tried)
  })

  it('get no mail, but for the known', async () => {
    await deactivateNoa()
    await askForCode(unknown)
    await askForCode(world.noa.email)
    await receiveCode(background)
    expect(background.tries).toEqual([])
    await askForCode(known)
    await receiveCode(background)
    expect(background.mails.map(({ to }) => to)).toEqual([[known]])
  })
})
