/** What is not known is refused by name, what is only shown is ignored, and `Prefer: handling=lenient` lifts the former. */
import { beforeAll, describe, expect, it } from 'vitest'
import { endpoints } from '../../src/endpoints.ts'
import type { InputError } from '../../src/platform/problem.ts'
import { createEstate, type Estate } from '../access/estate.ts'
import { contentOf, pathOf } from '../access/rows.ts'
import { ACTIONS, call, codeOf, COMPANY, namedPaths, PLANS, type Reply, type Slice } from '../support/api.ts'
import { catchBackground } from '../support/background.ts'
import { dumpDatabase } from '../support/dump.ts'
import { createWorld, type World } from '../support/world.ts'

const LENIENT = { Prefer: 'handling=lenient' }

let world: World
let own: Estate

beforeAll(async () => {
  catchBackground()
  world = await createWorld()
  own = await createEstate(world.ana, world.marc, 'own')
})

const errorsOf = ({ body }: Reply) => body.errors as InputError[]
const guarded = endpoints.filter(({ access }) => access !== 'public')
const named = (list: typeof endpoints) => list.map((endpoint) => [endpoint.operationId, endpoint] as const)

describe('an unknown query parameter', () => {
  it.each(named(guarded))('of %s is a 400 that names it, and nothing else happens', async (_, endpoint) => {
    const before = await dumpDatabase()
    const path = `${pathOf(endpoint, own)}?unheard=of&unheard=of`
    // Nobody's work can be handed over to the same person.
    const heir = endpoint.operationId === 'reassignWork' ? { toUserId: world.noa.id } : {}
    const valid = contentOf(endpoint, own)
    const body = typeof valid === 'object' ? { ...valid, ...heir } : valid
    const reply = await call(world.ana, endpoint.method, path, { body })
    expect([reply.status, codeOf(reply)]).toEqual([400, 'VALIDATION_FAILED'])
    expect(errorsOf(reply)).toEqual([{ path: 'unheard', message: 'is not known' }])
    expect(await dumpDatabase()).toEqual(before)
  })

  it.each(['/healthz', '/openapi.json', '/docs', '/docs/init.js', '/docs.md', '/llms.txt'])(
    'of %s is ignored',
    async (path) => {
      expect((await call(null, 'GET', `${path}?utm_source=mail`)).status).toBe(200)
    },
  )

  it.each([
    ['/api/v1/sign-in-codes', {}],
    ['/api/v1/sessions', { code: '12345678' }],
  ])('of %s is refused without a session too', async (path, further) => {
    const reply = await call(null, 'POST', `${path}?x=1`, { body: { email: 'a@example.test', ...further } })
    expect([reply.status, namedPaths(reply)]).toEqual([400, ['x']])
  })

  it.each([
    ['stauts=COMPLETED', 'stauts', 'status'],
    ['Status=COMPLETED', 'Status', 'status'],
    ['plan_id=x', 'plan_id', 'planId'],
    ['form=0', 'form', 'from'],
    ['due-from=2026-01-01', 'due-from', 'dueFrom'],
  ])('%s comes with the name that was meant', async (query, path, meant) => {
    const reply = await call(world.ana, 'GET', `${ACTIONS}?${query}`)
    expect(errorsOf(reply)).toEqual([{ path, message: `is not known; did you mean \`${meant}\`?` }])
  })

  it('is named together with what else is wrong', async () => {
    const reply = await call(world.ana, 'GET', `${ACTIONS}?stauts=COMPLETED&from=x&q=a&q=b`)
    expect(namedPaths(reply).sort()).toEqual(['from', 'q', 'stauts'])
  })

  it('is named together with the members of the body', async () => {
    const body = { titel: 'x', title: '', planId: '0'.repeat(24) }
    const reply = await call(world.ana, 'POST', `${ACTIONS}?x=1`, { body })
    expect(namedPaths(reply).sort()).toEqual(['planId', 'titel', 'title', 'x'])
  })
})

describe('an unknown member', () => {
  const action = () => `${ACTIONS}/${own.action}`

  it.each<[string, string, () => string, object, InputError[]]>([
    ['a new plan', 'POST', () => PLANS, { title: 'x', titel: 'y' }, [suggested('titel', 'title')]],
    [
      'a plan',
      'PATCH',
      () => `${PLANS}/${own.plan}`,
      { visiblity: 'PUBLIC' },
      [suggested('visiblity', 'visibility')],
    ],
    [
      'a plan’s actions, which nobody may set there',
      'PATCH',
      () => `${PLANS}/${own.plan}`,
      { actions: [{ title: 'x' }, { titel: 'x', assigneeIds: [] }] },
      [unknown('actions.1.titel'), unknown('actions.1.assigneeIds')],
    ],
    [
      'an action’s lists',
      'PATCH',
      action,
      { focusItems: [{ focusType: 'HI' }, { focusType: 'HI', focusTyp: 'HI' }], assignees: [{ user: 'x' }] },
      [suggested('focusItems.1.focusTyp', 'focusType'), unknown('assignees.0.user')],
    ],
    ['an action', 'PATCH', action, { '': 1, __proto: 2 }, [unknown(''), unknown('__proto')]],
    [
      'a step',
      'POST',
      () => `${action()}/transitions`,
      { to: 'COMPLETED', status: 'x' },
      [unknown('status')],
    ],
    ['a note', 'POST', () => `${action()}/notes`, { text: 'x', Text: 'y' }, [suggested('Text', 'text')]],
    ['oneself', 'PATCH', () => `${COMPANY}/me`, { nmae: 'x' }, [suggested('nmae', 'name')]],
    ['the company', 'PATCH', () => COMPANY, { timezone: 'UTC' }, [suggested('timezone', 'timeZone')]],
    [
      'a hand-over',
      'POST',
      () => `${COMPANY}/users/${own.user}/reassignments`,
      { toUser: 'x' },
      [{ path: 'toUserId', message: expect.any(String) as string }, suggested('toUser', 'toUserId')],
    ],
  ])('of %s is refused by its path: %s', async (_, method, path, body, errors) => {
    const reply = await call(world.ana, method, path(), { body })
    const atFault = errorsOf(reply).filter(({ path: name }) => !['assignees'].includes(name))
    expect([reply.status, atFault]).toEqual([400, errors])
  })

  it('is refused in the needless body of an export, which is otherwise ignored', async () => {
    const path = `${PLANS}/${own.plan}/excel`
    const reply = await call(world.ana, 'POST', path, { body: { locale: 'es' } })
    expect([reply.status, namedPaths(reply)]).toEqual([400, ['locale']])
    expect((await call(world.ana, 'POST', path, { body: '{"locale":' })).status).toBe(200)
  })

  it.each(named(guarded.filter(({ method, body, upload }) => method !== 'GET' && !body && !upload)))(
    'is refused in the needless body of %s, and nothing else happens',
    async (_, endpoint) => {
      const before = await dumpDatabase()
      const reply = await call(world.ana, endpoint.method, pathOf(endpoint, own), { body: { all: true } })
      expect([reply.status, namedPaths(reply)]).toEqual([400, ['all']])
      expect(await dumpDatabase()).toEqual(before)
    },
  )

  it('is refused in a body of 100 KiB of them within a bounded answer and time', async () => {
    const body = `{${Array.from({ length: 7500 }, (_, index) => `"titl${index}":1`).join(',')}}`
    const started = performance.now()
    const reply = await call(world.ana, 'POST', PLANS, { body })
    expect(performance.now() - started).toBeLessThan(1500)
    expect([reply.status, errorsOf(reply).length]).toEqual([400, 500])
    // What is known comes first, so that it is not cut off.
    expect(namedPaths(reply)[0]).toBe('title')
  })

  it.each([
    ['deep lists', () => `{"title":"x","actions":${'['.repeat(40_000)}${']'.repeat(40_000)}}`, 200],
    ['a long name', () => `{"title":"x","${'n'.repeat(90_000)}":1}`, 400],
    ['a name that is no text', () => '{"title":"x","\\ud800":1}', 400],
  ])('or %s does no harm', async (_, bodyText, status) => {
    const reply = await call(world.ana, 'POST', PLANS, { body: bodyText() })
    expect(reply.status, reply.text.slice(0, 300)).toBe(status)
    expect(reply.text.length).toBeLessThan(2000)
  })
})

function unknown(path: string): InputError {
  return { path, message: 'is not known' }
}

function suggested(path: string, meant: string): InputError {
  return { path, message: `is not known; did you mean \`${meant}\`?` }
}

describe('Prefer: handling=lenient', () => {
  const title = 'Lenient'

  it('has unknown members and parameters ignored, and says so', async () => {
    const options = { body: { title, titel: 'y', actions: [{ x: 1 }] }, headers: LENIENT }
    const reply = await call(world.ana, 'POST', `${PLANS}?x=1`, options)
    expect([reply.status, reply.body.title]).toEqual([200, title])
    expect(reply.headers.get('Preference-Applied')).toBe('handling=lenient')
  })

  it('has unknown parameters of a list ignored', async () => {
    const reply = await call<Slice<unknown>>(world.ana, 'GET', `${PLANS}?pages=2`, { headers: LENIENT })
    expect([reply.status, reply.headers.get('Preference-Applied')]).toEqual([200, 'handling=lenient'])
    expect(reply.body.total).toBeGreaterThan(0)
  })

  it('has unknown members ignored without a session too', async () => {
    const body = { email: 'nobody@example.test', mail: 'x' }
    const reply = await call(null, 'POST', '/api/v1/sign-in-codes', { body, headers: LENIENT })
    expect([reply.status, reply.headers.get('Preference-Applied')]).toEqual([202, 'handling=lenient'])
  })

  it('lifts nothing else, and an error has no Preference-Applied', async () => {
    const body = { title: '', titel: 'y', visibility: 'secret' }
    const reply = await call(world.ana, 'POST', PLANS, { body, headers: LENIENT })
    expect([reply.status, namedPaths(reply)]).toEqual([400, ['title', 'visibility']])
    expect(reply.headers.get('Preference-Applied')).toBeNull()
  })

  it.each(['handling=strict', 'handling=strict, handling=lenient', 'return=minimal', 'lenient'])(
    'is not %s',
    async (Prefer) => {
      const reply = await call(world.ana, 'GET', `${PLANS}?x=1`, { headers: { Prefer } })
      expect([reply.status, namedPaths(reply)]).toEqual([400, ['x']])
    },
  )

  it('makes no other request of one with an Idempotency-Key', async () => {
    const send = (headers: Record<string, string>, body: object) =>
      call(world.ana, 'POST', PLANS, { body, headers: { 'Idempotency-Key': 'lenient', ...headers } })
    const first = await send(LENIENT, { title, titel: 'y' })
    const again = await send({}, { title })
    expect([again.status, again.text]).toEqual([200, first.text])
    expect(again.headers.get('Preference-Applied')).toBeNull()
  })

  it('is answered by no page or document', async () => {
    const reply = await call(null, 'GET', '/healthz?x=1', { headers: LENIENT })
    expect([reply.status, reply.headers.get('Preference-Applied')]).toEqual([200, null])
  })
})
