import { beforeAll, describe, expect, it } from 'vitest'
import { LIMITS } from '../../src/platform/limits.ts'
import { createEstate, type Estate } from '../access/estate.ts'
import { ACTIONS, call, codeOf, namedPaths, PLANS, type Reply } from '../support/api.ts'
import { dumpDatabase } from '../support/dump.ts'
import { createWorld, type World } from '../support/world.ts'
import {
  badChoices,
  badCodes,
  badDescriptions,
  badIds,
  badIndexes,
  badMails,
  badTimes,
  badTimeZones,
  badTitles,
} from './fuzz/bad-values.ts'

let world: World
let own: Estate
let before: Awaited<ReturnType<typeof dumpDatabase>>

beforeAll(async () => {
  world = await createWorld()
  own = await createEstate(world.ana, world.marc, 'own')
  before = await dumpDatabase()
})

const COMPANY = '/api/v1/company'
const VALID_TITLE = { title: 'x' }
type Case = [where: string, method: string, path: () => string, body: unknown, names: string[]]
const bodies = (
  where: string,
  method: string,
  path: () => string,
  rest: object,
  name: string,
  values: unknown[],
) => values.map((value): Case => [where, method, path, { ...rest, [name]: value }, [name]])

const plans = () => PLANS
const actions = () => ACTIONS
const action = () => `${ACTIONS}/${own.action}`
const users = () => `${COMPANY}/users`
const inPlan = () => ({ planId: own.plan })

const members: Case[] = [
  ...bodies('a new plan', 'POST', plans, {}, 'title', [...badTitles, null]),
  ...bodies('a new plan', 'POST', plans, VALID_TITLE, 'description', badDescriptions),
  ...bodies('a new plan', 'POST', plans, VALID_TITLE, 'visibility', badChoices),
  ...bodies('a plan', 'PATCH', () => `${PLANS}/${own.plan}`, {}, 'title', badTitles),
  ...bodies('a plan', 'PATCH', () => `${PLANS}/${own.plan}`, {}, 'visibility', badChoices),
  ...bodies('a new action', 'POST', actions, VALID_TITLE, 'planId', [...badIds, null]),
  ...bodies('an action', 'PATCH', action, {}, 'title', badTitles),
  ...bodies('an action', 'PATCH', action, {}, 'dueDate', badTimes),
  ...bodies('an action', 'PATCH', action, {}, 'planId', badIds),
  ...bodies('an action', 'PATCH', action, {}, 'clearDueDate', ['true', 1, {}]),
  ...bodies('an action', 'PATCH', action, {}, 'assigneeIds', [[], 'x', {}, 1]),
  ...bodies('an action', 'PATCH', action, {}, 'hierarchyIds', ['x', {}, 1]),
  ...bodies('an action', 'PATCH', action, {}, 'focusItems', ['x', {}, 1]),
  ...bodies('a step', 'POST', () => `${action()}/transitions`, {}, 'to', [...badChoices, 'EXPIRED', null]),
  ...bodies('a note', 'POST', () => `${action()}/notes`, {}, 'text', [...badDescriptions, '', null, '\n']),
  ...bodies('a new user', 'POST', users, { name: 'x', role: 'MANAGER' }, 'email', badMails),
  ...bodies('a new user', 'POST', users, { email: 'a@c.de', role: 'MANAGER' }, 'name', badTitles),
  ...bodies('a new user', 'POST', users, { email: 'a@c.de', name: 'x' }, 'role', badChoices),
  ...bodies('a new area', 'POST', () => `${COMPANY}/hierarchies`, { name: 'x' }, 'parentId', badIds),
  ...bodies('the company', 'PATCH', () => COMPANY, {}, 'timeZone', badTimeZones),
  ...bodies('oneself', 'PATCH', () => `${COMPANY}/me`, {}, 'reminders', ['true', 1, {}]),
  ...bodies('a sign-in code', 'POST', () => '/api/v1/sign-in-codes', {}, 'email', badMails),
  ...bodies('signing in', 'POST', () => '/api/v1/sessions', { email: 'a@c.de' }, 'code', badCodes),
]

const queries: [path: string, name: string, value: string][] = [
  ...['action-plans', 'actions', 'users', 'exports'].flatMap((list) =>
    badIndexes.map((value): [string, string, string] => [list, 'from', value]),
  ),
  ...badIndexes.map((value): [string, string, string] => ['action-plans', 'to', value]),
  ...['x', 'completed', ''].flatMap((value) =>
    ['status', 'focusType', 'actionType', 'hierarchyId', 'assigneeId'].map(
      (name): [string, string, string] => ['actions', name, value],
    ),
  ),
  ['actions', 'q', 'x'.repeat(201)],
  ['users', 'role', 'BOSS'],
  ['users', 'active', '1'],
]

const SHORT = JSON.stringify({ title: 'x', x: '' })
const ONE_BYTE_TOO_LONG = SHORT.replace('""', `"${'y'.repeat(LIMITS.bytesPerBody.most + 1 - SHORT.length)}"`)

function expectNamed(reply: Reply, names: string[], sent: string): void {
  expect(reply.status, `${sent}: ${reply.text}`).toBe(400)
  expect(reply.headers.get('Content-Type')).toBe('application/problem+json')
  const roots = [...new Set(namedPaths(reply).map((path) => path.split('.')[0]))]
  expect(roots, sent).toEqual(names)
}

describe('more than two hundred bad requests', () => {
  it('are that many', () => {
    expect(members.length + queries.length).toBeGreaterThan(200)
  })

  it.each(members)('%s: %s with a bad member', async (where, method, path, body, names) => {
    const needsPlan = where === 'a new action' && names[0] !== 'planId'
    const whole = { ...(needsPlan ? inPlan() : {}), ...(body as object) }
    expectNamed(
      await call(world.ana, method, path(), { body: whole }),
      names,
      JSON.stringify(body).slice(0, 200),
    )
  })

  it.each(queries)('GET %s?%s=%s', async (list, name, value) => {
    const reply = await call(world.ana, 'GET', `${COMPANY}/${list}?${name}=${encodeURIComponent(value)}`)
    expectNamed(reply, [name], value)
  })

  it('that are wrong in several places name all of them at once', async () => {
    const wrong = {
      planId: 'x',
      title: '',
      description: 7,
      dueDate: 'never',
      visibility: 'secret',
      origin: 'X',
      actionType: 1,
      assigneeIds: [],
    }
    const focusItems = [{ focusType: 'SCORE' }, { focusType: 'X' }]
    const body = { ...wrong, focusItems, hierarchyIds: ['x', own.hierarchy] }
    const inLists = ['focusItems.0.focusId', 'focusItems.1.focusType', 'hierarchyIds.0']
    const reply = await call(world.ana, 'POST', ACTIONS, { body })
    expect(namedPaths(reply).sort()).toEqual([...Object.keys(wrong), ...inLists].sort())
  })

  const NOTHING = '0'.repeat(24)
  const areas = () => `${COMPANY}/hierarchies`
  const area = () => `${areas()}/${own.hierarchy}`
  const noArea = () => `${areas()}/${NOTHING}`
  const steps = () => `${action()}/transitions`
  const key = { 'Idempotency-Key': '\t' }

  it.each<[string[], string, () => string, () => object, Record<string, string>?]>([
    [['name', 'parentId'], 'POST', areas, () => ({ name: '', parentId: NOTHING })],
    [['Idempotency-Key', 'parentId'], 'POST', areas, () => ({ name: 'x', parentId: NOTHING }), key],
    [['name', 'parentId'], 'PATCH', area, () => ({ name: '', parentId: NOTHING })],
    [['parentId', 'toRoot'], 'PATCH', noArea, () => ({ toRoot: 'x', parentId: NOTHING })],
    [['toRoot'], 'PATCH', noArea, () => ({ toRoot: 'x', parentId: own.hierarchy })],
    [['assigneeId', 'to'], 'POST', steps, () => ({ to: 'x', assigneeId: NOTHING })],
    [['to'], 'POST', steps, () => ({ to: 'x', assigneeId: world.ana.id })],
    [['planId', 'title'], 'POST', actions, () => ({ title: '', planId: NOTHING })],
    [['planId', 'title'], 'PATCH', action, () => ({ title: '', planId: NOTHING })],
  ])(
    'name %j, ids of nothing together with what else is wrong: %s',
    async (names, method, path, body, headers = {}) => {
      const reply = await call(world.ana, method, path(), { body: body(), headers })
      expect([reply.status, namedPaths(reply).sort()]).toEqual([400, names])
    },
  )

  it.each([
    ['no JSON', '{', 'application/json', 400],
    ['a list', '[]', 'application/json', 400],
    ['null', 'null', 'application/json', 400],
    ['a text', '"x"', 'application/json', 400],
    ['nothing', '', 'application/json', 400],
    ['one byte too long', ONE_BYTE_TOO_LONG, 'application/json', 413],
    ['deep nesting', '['.repeat(50_000), 'application/json', 400],
    ['deep members', `${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}`, 'application/json', 400],
    ['a form', 'title=x', 'application/x-www-form-urlencoded', 415],
    ['plain text', '{"title":"x"}', 'text/plain', 415],
    ['no type', '{"title":"x"}', '', 415],
    ['a likely type', '{"title":"x"}', 'application/json-patch+json', 415],
  ])('a body that is %s is refused', async (_what, body, type, status) => {
    const reply = await call(world.ana, 'POST', PLANS, { body, headers: { 'Content-Type': type } })
    expect(reply.status, reply.text).toBe(status)
    expect(codeOf(reply)).toEqual(expect.any(String))
  })

  it.each([
    ['gzip', 415],
    ['identity', 200],
  ])('a body with the Content-Encoding %s is answered %i', async (coding, status) => {
    const headers = { 'Content-Encoding': coding }
    const reply = await call(world.ana, 'PATCH', `${PLANS}/${own.plan}`, { body: {}, headers })
    expect(reply.status).toBe(status)
    expect(reply.headers.get('Accept-Encoding')).toBe(status === 415 ? 'identity' : null)
  })

  it('changed nothing', async () => {
    const { sign_in_codes: _codes, ...now } = await dumpDatabase()
    const { sign_in_codes: _before, ...then } = before
    expect(now).toEqual(then)
  })
})
