/** The filters on due dates. search.property.test.ts has them beside all others, for random companies. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import type { ActionView } from '../../src/actions/schemas.ts'
import { ACTIONS, call, codeOf, COMPANY, namedPaths, PLANS, type Slice } from '../support/api.ts'
import { HOUR, letPass } from '../support/clock.ts'
import { insertActions, insertPlan } from '../support/factories.ts'
import { createCompany, createPerson, createWorld, type Person } from '../support/world.ts'

const DAY = 24 * HOUR

/** A company with an action for each due date, named by it; `null` for none. */
async function createDue(timeZone: string, dueDates: readonly (string | null)[]): Promise<Person> {
  const companyId = await createCompany(timeZone)
  const ana = await createPerson(companyId, 'ADMIN')
  const plan = await insertPlan({ companyId, createdBy: ana.id })
  await insertActions(
    dueDates.map((due) => ({
      plan,
      title: due ?? 'none',
      createdBy: ana.id,
      dueDate: due === null ? null : Date.parse(due),
    })),
  )
  return ana
}

/** The titles of what both lists find, sorted. */
async function found(who: Person, filters: Record<string, string>): Promise<string[]> {
  const query = new URLSearchParams(filters).toString()
  const actions = await call<Slice<ActionView>>(who, 'GET', `${ACTIONS}?${query}`)
  expect(actions.status, actions.text).toBe(200)
  const titles = actions.body.result.map(({ title }) => title).sort()
  const plans = await call<Slice<PlanView>>(who, 'GET', `${PLANS}?${query}`)
  const inPlans = plans.body.result.flatMap((plan) => plan.actions.map(({ title }) => title))
  expect(inPlans.sort()).toEqual(titles)
  expect([actions.body.total, plans.body.total]).toEqual([titles.length, Math.sign(titles.length)])
  return titles
}

/** The paths that both lists name, which must be the same. */
async function refused(who: Person, query: string): Promise<string[]> {
  const [actions, plans] = [
    await call(who, 'GET', `${ACTIONS}?${query}`),
    await call(who, 'GET', `${PLANS}?${query}`),
  ]
  expect([actions.status, plans.status, codeOf(actions)]).toEqual([400, 400, 'VALIDATION_FAILED'])
  expect(namedPaths(plans)).toEqual(namedPaths(actions))
  return namedPaths(actions).sort()
}

describe('overdue', () => {
  let ana: Person

  beforeEach(async () => {
    letPass(0)
    const now = Date.now()
    const companyId = await createCompany()
    ana = await createPerson(companyId, 'ADMIN')
    const plan = await insertPlan({ companyId, createdBy: ana.id })
    const action = (
      title: string,
      dueDate: number | null,
      state: { status?: 'IN_PROGRESS' | 'COMPLETED' | 'CANCELLED' | 'EXPIRED'; startedAt?: number } = {},
    ) => ({ plan, title, dueDate, createdBy: ana.id, assignees: [{ userId: ana.id, ...state }] })
    await insertActions([
      action('due a millisecond ago', now - 1),
      action('due now', now),
      action('due in a millisecond', now + 1),
      action('never due', null),
      action('started late', now - DAY, { status: 'IN_PROGRESS', startedAt: now - 1 }),
      action('started as it was due', now - DAY, { status: 'IN_PROGRESS', startedAt: now - DAY }),
      action('expired by the clock', now - DAY, { status: 'IN_PROGRESS', startedAt: now - 2 * DAY }),
      action('expired', now - DAY, { status: 'EXPIRED', startedAt: now - 2 * DAY }),
      action('expired, and due again', now + DAY, { status: 'EXPIRED', startedAt: now - 2 * DAY }),
      action('completed', now - DAY, { status: 'COMPLETED', startedAt: now - 2 * DAY }),
      action('cancelled', now - DAY, { status: 'CANCELLED' }),
    ])
  })

  const OVERDUE = [
    ...['due a millisecond ago', 'due now', 'expired', 'expired by the clock', 'started as it was due'],
    'started late',
  ]

  it('is what is past its due date and neither COMPLETED nor CANCELLED', async () => {
    expect(await found(ana, { overdue: 'true' })).toEqual(OVERDUE)
  })

  it('false is all the rest', async () => {
    expect(await found(ana, { overdue: 'false', to: '100' })).toEqual(
      ['cancelled', 'completed', 'due in a millisecond', 'expired, and due again', 'never due'].sort(),
    )
  })

  it('is what the actions say of themselves', async () => {
    const { body } = await call<Slice<ActionView>>(ana, 'GET', `${ACTIONS}?to=100`)
    const overdue = body.result.filter((action) => action.overdue).map(({ title }) => title)
    expect(overdue.sort()).toEqual(OVERDUE)
  })

  it('comes with the due date, to the millisecond', async () => {
    letPass(1)
    expect(await found(ana, { overdue: 'true' })).toContain('due in a millisecond')
  })

  // No action is both; the lists must not fail over it.
  it.each(['COMPLETED', 'CANCELLED'])('finds nothing that is %s', async (status) => {
    expect(await found(ana, { overdue: 'true', status })).toEqual([])
    expect(await found(ana, { overdue: 'false', status })).toEqual([status.toLowerCase()])
  })
})

describe('dueFrom and dueTo', () => {
  const BEFORE = '2031-05-13T23:59:59.999Z'
  const START = '2031-05-14T00:00:00.000Z'
  const AFTER = '2031-05-14T00:00:00.001Z'
  let ana: Person

  beforeAll(async () => {
    ana = await createDue('UTC', [BEFORE, START, AFTER, null])
  })

  it.each([
    [BEFORE, [BEFORE, START, AFTER], []],
    [START, [START, AFTER], [BEFORE]],
    [AFTER, [AFTER], [BEFORE, START]],
    ['2031-05-14T00:00:00.002Z', [], [BEFORE, START, AFTER]],
  ])('divide at %s what is due then or later from what is due before', async (instant, later, before) => {
    expect(await found(ana, { dueFrom: instant })).toEqual(later)
    expect(await found(ana, { dueTo: instant })).toEqual(before)
  })

  it.each([
    '2031-05-14',
    '20310514',
    '2031-W20-3',
    '2031W203',
    '2031-134',
    '2031134',
    ' 2031-05-14 ',
    '2031-05-14T00:00Z',
    '2031-05-14T02:00:00+02:00',
    '2031-05-13T24:00:00Z',
    '2031-W20-3T00Z',
    '20310513T193000-0430',
  ])('take %j', async (text) => {
    expect(await found(ana, { dueFrom: text })).toEqual([START, AFTER])
    expect(await found(ana, { dueTo: text })).toEqual([BEFORE])
  })

  it.each([
    ['instants', START, AFTER, [START]],
    ['dates', '2031-05-14', '2031-05-15', [START, AFTER]],
    ['a date and an instant', '2031-05-14', AFTER, [START]],
    ['an instant and a date', BEFORE, '2031-05-14', [BEFORE]],
    ['equal instants', START, START, []],
    ['equal dates', '2031-05-14', '2031-05-14', []],
    ['a date and its first moment', '2031-05-14', START, []],
    ['the first moment of a date and the date', START, '2031-05-14', []],
    ['all of time', '0001-01-01', '9999-12-31', [BEFORE, START, AFTER]],
  ])('bound a range by %s', async (_, dueFrom, dueTo, titles) => {
    expect(await found(ana, { dueFrom, dueTo })).toEqual(titles)
  })

  it('never find what has no due date, beside another filter either', async () => {
    const all = { dueFrom: '0001-01-01', dueTo: '9999-12-31T23:59:59.999Z', overdue: 'false' }
    expect(await found(ana, all)).toEqual([BEFORE, START, AFTER])
  })
})

describe('a date', () => {
  it.each([
    ['Pacific/Auckland', '2031-05-14', '2031-05-13T12:00:00.000Z'],
    ['America/Los_Angeles', '2031-05-14', '2031-05-14T07:00:00.000Z'],
    ['Asia/Kathmandu', '2031-05-14', '2031-05-13T18:15:00.000Z'],
    // The clocks go from midnight to 1:00.
    ['Africa/Cairo', '2031-04-25', '2031-04-24T22:00:00.000Z'],
  ])('begins when it does in the company’s time zone: in %s', async (timeZone, date, iso) => {
    const start = Date.parse(iso)
    const [before, after] = [new Date(start - 1).toISOString(), new Date(start + 1).toISOString()]
    const ana = await createDue(timeZone, [before, iso, after])
    expect(await found(ana, { dueFrom: date })).toEqual([iso, after])
    expect(await found(ana, { dueTo: date })).toEqual([before])
    expect(await found(ana, { dueFrom: date, dueTo: after })).toEqual([iso])
    expect(await found(ana, { dueFrom: before, dueTo: date })).toEqual([before])
  })

  it('moves with the company’s time zone', async () => {
    const ana = await createDue('UTC', ['2031-05-13T12:00:00.000Z'])
    expect(await found(ana, { dueFrom: '2031-05-14' })).toEqual([])
    await call(ana, 'PATCH', COMPANY, { body: { timeZone: 'Pacific/Auckland' } })
    expect(await found(ana, { dueFrom: '2031-05-14' })).toHaveLength(1)
  })

  it.each([
    ['Pacific/Auckland', '2031-05-13T12:00:00.000Z'],
    ['America/Los_Angeles', '2031-05-14T07:00:00.000Z'],
  ])('is compared with an instant in the company’s time zone: in %s', async (timeZone, iso) => {
    const ana = await createDue(timeZone, [])
    const [before, after] = [-1, 1].map((more) => new Date(Date.parse(iso) + more).toISOString())
    expect(await refused(ana, `dueFrom=2031-05-14&dueTo=${before ?? ''}`)).toEqual(['dueFrom'])
    expect(await found(ana, { dueFrom: '2031-05-14', dueTo: iso })).toEqual([])
    expect(await refused(ana, `dueFrom=${after ?? ''}&dueTo=2031-05-14`)).toEqual(['dueFrom'])
    expect(await found(ana, { dueFrom: iso, dueTo: '2031-05-14' })).toEqual([])
  })
})

describe('a wrong filter by due date', () => {
  let ana: Person
  let eli: Person

  beforeAll(async () => {
    ;({ ana, eli } = await createWorld())
  })

  it.each(['maybe', '', 'TRUE', '1', 'true%20', 'true&overdue=true'])(
    'overdue=%s is refused',
    async (value) => {
      expect(await refused(ana, `overdue=${value}`)).toEqual(['overdue'])
    },
  )

  const WRONG = [
    '0000-12-31',
    ...['', 'tomorrow', '2031-05', '2031-02-30', '2031-13-01', '2031-W53-1', '2031-366', '2031-0514'],
    ...['2031-05-14T00:00:00', '2031-05-14T25:00Z', '2031-05-14T00:00+25:00', '-2031-05-14', '31-05-14', '0'],
    ...['2031-05-14Z', '2031-05-14/2031-05-15', `2031-05-14T00:00:00.${'0'.repeat(50)}Z`],
  ]

  it.each(WRONG)('dueFrom=%s and dueTo=%s are refused', async (value) => {
    const text = encodeURIComponent(value)
    expect(await refused(ana, `dueFrom=${text}`)).toEqual(['dueFrom'])
    expect(await refused(ana, `dueTo=${text}`)).toEqual(['dueTo'])
    expect(await refused(ana, `dueFrom=${text}&dueTo=${text}`)).toEqual(['dueFrom', 'dueTo'])
  })

  it.each([
    ['2031-05-15', '2031-05-14'],
    ['2031-W20-4', '20310514'],
    ['2031-05-14T00:00:00.001Z', '2031-05-14T00:00:00.000Z'],
    ['2031-05-14T00:00:00-01:00', '2031-05-14T00:59:59Z'],
    ['2031-05-15', '2031-05-14T00:00Z'],
    ['2031-05-15T00:00Z', '2031-05-14'],
  ])('dueFrom=%s after dueTo=%s is refused', async (dueFrom, dueTo) => {
    expect(await refused(ana, new URLSearchParams({ dueFrom, dueTo }).toString())).toEqual(['dueFrom'])
  })

  it.each([
    ['status=DONE', ['status']],
    ['from=-1&overdue=maybe', ['from', 'overdue']],
    ['from=5&to=4', ['to']],
    ['to=101&assigneeId=x', ['assigneeId', 'to']],
  ])('dueFrom after dueTo is named together with %s', async (others, names) => {
    for (const range of [
      'dueFrom=2031-05-15&dueTo=2031-05-14',
      'dueFrom=2031-05-15T00:00Z&dueTo=2031-05-14T00:00Z',
      // In every time zone.
      'dueFrom=2031-05-16&dueTo=2031-05-14T00:00Z',
      'dueFrom=2031-05-16T00:00Z&dueTo=2031-05-14',
    ])
      expect(await refused(ana, `${range}&${others}`)).toEqual(['dueFrom', ...names].sort())
  })

  it('is nobody’s business who may not list', async () => {
    for (const path of [ACTIONS, PLANS])
      expect((await call(eli, 'GET', `${path}?dueFrom=2031-05-15&dueTo=2031-05-14T00:00Z`)).status).toBe(403)
  })
})
