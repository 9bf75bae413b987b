import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  ACTIONS,
  call,
  codeOf,
  createAction,
  createPlan,
  ME,
  PLANS,
  takeStep,
  USERS,
} from '../support/api.ts'
import { CALENDAR, eventsAt, openCalendar, readCalendar } from '../support/calendars.ts'
import { HOUR, letPass, MINUTE } from '../support/clock.ts'
import { dumpDatabase, dumpKeys } from '../support/dump.ts'
import { insertActions, insertPlan } from '../support/factories.ts'
import { lineOf, logged } from '../support/log.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { HOME } from '../support/home.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})

const day = (days: number) => new Date(Date.now() + days * 24 * HOUR).toISOString().slice(0, 10)

/** An action of ana's in a public plan of hers, for these people. */
async function actionFor(people: readonly Person[], fields: Record<string, unknown> = {}) {
  const plan = await createPlan(world.ana, { title: 'Mornings', visibility: 'PUBLIC' })
  const assigneeIds = people.map(({ id }) => id)
  return createAction(world.ana, plan.id, { title: 'Call', assigneeIds, dueDate: day(3), ...fields })
}

const summaries = async (path: string) => (await eventsAt(path)).map(({ summary }) => summary)

describe('the address of a calendar', () => {
  it('is under PUBLIC_URL, has 256 bits, and is kept as a hash alone', async () => {
    const { body } = await call<{ url: string }>(world.marc, 'POST', CALENDAR)
    const [file = '', ...rest] = body.url.split('/').reverse()
    expect(rest.reverse().join('/')).toBe('http://localhost:8787/api/v1/calendars')
    expect(file).toMatch(
      HOME === 'DB' ? /^[A-Za-z0-9_-]{43}\.ics$/ : /^2\.[0-9a-f]{24}\.[A-Za-z0-9_-]{43}\.ics$/,
    )
    expect(Object.keys(body)).toEqual(['url'])
    const token = /.{43}(?=\.ics$)/.exec(file)?.[0] ?? ''
    await readCalendar(new URL(body.url).pathname)
    const kept = JSON.stringify([await dumpDatabase(), await dumpKeys(env.SESSIONS), logged])
    expect(kept).not.toContain(token)
    const data = await call<{ calendars: object[] }>(world.marc, 'GET', `${ME}/data`)
    expect(data.body.calendars).toEqual([{ createdAt: expect.any(String) as string }])
    expect(data.text).not.toContain(token)
  })

  it('ends when another is given, and when the calendar is deleted', async () => {
    const first = await openCalendar(world.marc)
    const second = await openCalendar(world.marc)
    const other = await openCalendar(world.noa)
    expect((await readCalendar(first)).status).toBe(404)
    expect((await readCalendar(second)).status).toBe(200)
    for (const _ of [1, 2]) expect((await call(world.marc, 'DELETE', CALENDAR)).status).toBe(204)
    expect((await readCalendar(second)).status).toBe(404)
    expect((await readCalendar(other)).status).toBe(200)
  })

  it('ends with deactivation, for good', async () => {
    const path = await openCalendar(world.marc)
    for (const active of [false, true]) {
      expect((await call(world.ana, 'PATCH', `${USERS}/${world.marc.id}`, { body: { active } })).status).toBe(
        200,
      )
      const reply = await readCalendar(path)
      expect([reply.status, codeOf(reply)]).toEqual([404, 'NOT_FOUND'])
    }
  })

  it('is nobody’s in any other spelling', async () => {
    const path = await openCalendar(world.marc)
    const bent = [
      ...[path.slice(0, -4), path.replace('.ics', '.ICS'), path.replace('.ics', '.ics.ics')],
      ...[
        path.replace(/.\.ics$/, '.ics'),
        path.replace('.ics', 'A.ics'),
        `${path}/`,
        path.replace('.ics', '%2eics'),
        path.replace(/[^/]+$/, '1.$&'),
        path.replace(/[^/]{43}\.ics$/, '2.$&'),
        path.replace(/[^/]{43}\.ics$/, '.$&'),
        path.replace(/[^/]{43}\.ics$/, 'DB_2.$&'),
      ],
      path.replace(/(.)\.ics$/, (_, last: string) => `${String.fromCharCode(last.charCodeAt(0) + 1)}.ics`),
    ]
    for (const other of bent) expect((await readCalendar(other)).status, other).toBe(404)
  })
})

describe('a calendar', () => {
  it('has the open actions of its user that have a due date, on that date in the company’s zone', async () => {
    const path = await openCalendar(world.marc)
    const late = await actionFor([world.marc], { title: 'Late', dueDate: '2026-07-01' })
    const next = await actionFor([world.noa, world.marc], { title: 'Next', dueDate: '2099-07-01T22:30:00Z' })
    await actionFor([world.noa], { title: 'Hers' })
    await actionFor([world.marc], { title: 'Without', dueDate: undefined })
    const done = await actionFor([world.marc], { title: 'Done' })
    await takeStep(world.marc, done.id, 'COMPLETED')
    const events = await eventsAt(path)
    // In Madrid it is the day after already.
    expect(events.map(({ uid, summary, day: date }) => [uid, summary, date])).toEqual([
      [`${late.id}@action-plans`, 'Late', '2026-07-01'],
      [`${next.id}@action-plans`, 'Next', '2099-07-02'],
    ])
    expect(events[0]?.description).toBe('Plan: Mornings\nStatus: Not started')
  })

  it('is in the language of its user, else of the company', async () => {
    const path = await openCalendar(world.marc)
    await actionFor([world.marc])
    await call(world.ana, 'PATCH', '/api/v1/company', { body: { language: 'es' } })
    expect((await eventsAt(path))[0]?.description).toBe('Plan: Mornings\nEstado: Sin iniciar')
    await call(world.marc, 'PATCH', ME, { body: { language: 'en' } })
    expect((await eventsAt(path))[0]?.description).toBe('Plan: Mornings\nStatus: Not started')
  })

  it('loses what has expired, whether or not that is stored', async () => {
    const path = await openCalendar(world.marc)
    const begun = await actionFor([world.marc], { dueDate: new Date(Date.now() + HOUR).toISOString() })
    const unbegun = await actionFor([world.marc], { dueDate: new Date(Date.now() + HOUR).toISOString() })
    await takeStep(world.marc, begun.id, 'IN_PROGRESS')
    expect(await eventsAt(path)).toHaveLength(2)
    letPass(2 * HOUR)
    expect((await eventsAt(path)).map(({ uid }) => uid)).toEqual([`${unbegun.id}@action-plans`])
  })

  it('tells a change by SEQUENCE or LAST-MODIFIED, and has another ETag then', async () => {
    const path = await openCalendar(world.marc)
    const { id, planId } = await actionFor([world.marc])
    const changes: (() => Promise<unknown>)[] = [
      () => call(world.ana, 'PATCH', `${ACTIONS}/${id}`, { body: { title: 'Write' } }),
      () => call(world.ana, 'PATCH', `${ACTIONS}/${id}`, { body: { dueDate: day(5) } }),
      () => takeStep(world.marc, id, 'IN_PROGRESS'),
      () => call(world.ana, 'PATCH', `${PLANS}/${planId}`, { body: { title: 'Evenings' } }),
      () => call(world.ana, 'PATCH', '/api/v1/company', { body: { timeZone: 'Pacific/Kiritimati' } }),
      () => call(world.marc, 'PATCH', ME, { body: { language: 'es' } }),
    ]
    let [before] = await eventsAt(path)
    let tag = (await readCalendar(path)).headers.get('ETag') ?? ''
    for (const change of changes) {
      letPass(MINUTE)
      await change()
      const [after] = await eventsAt(path)
      expect(after?.uid).toBe(before?.uid)
      expect(Number(after?.sequence)).toBeGreaterThanOrEqual(Number(before?.sequence))
      expect(String(after?.changed) > String(before?.changed), JSON.stringify([before, after])).toBe(true)
      const reply = await readCalendar(path, { 'If-None-Match': tag })
      expect(reply.status).toBe(200)
      tag = reply.headers.get('ETag') ?? ''
      before = after
    }
    letPass(24 * HOUR)
    const same = await readCalendar(path, { 'If-None-Match': `"x", W/${tag}` })
    expect([same.status, same.text, same.headers.get('ETag')]).toEqual([304, '', tag])
  })

  it('does not name a plan that its user may not read, nor move when that plan changes', async () => {
    const plan = await createPlan(world.noa, { title: 'Secret plan', visibility: 'PRIVATE' })
    await createAction(world.noa, plan.id, { dueDate: '2030-01-01', assigneeIds: [world.marc.id] })
    const path = await openCalendar(world.marc)
    const before = await call(null, 'GET', path)
    expect((await eventsAt(path))[0]?.description).toBe('Status: Not started')
    letPass(24 * HOUR)
    await call(world.noa, 'PATCH', `${PLANS}/${plan.id}`, { body: { title: 'Secret still' } })
    const after = await call(null, 'GET', path)
    expect([after.text, after.headers.get('ETag')]).toEqual([before.text, before.headers.get('ETag')])
  })

  it('has nothing that its user may not read any more', async () => {
    const path = await openCalendar(world.marc)
    const { id } = await actionFor([world.marc, world.noa], { visibility: 'PRIVATE' })
    expect(await summaries(path)).toEqual(['Call'])
    await call(world.ana, 'PATCH', `${ACTIONS}/${id}`, { body: { assigneeIds: [world.noa.id] } })
    expect(await summaries(path)).toEqual([])
    await call(world.ana, 'PATCH', `${ACTIONS}/${id}`, { body: { assigneeIds: [world.marc.id] } })
    expect(await summaries(path)).toEqual(['Call'])
    await call(world.ana, 'PATCH', `${USERS}/${world.marc.id}`, { body: { role: 'EMPLOYEE' } })
    expect(await summaries(path)).toEqual([])
    await call(world.ana, 'PATCH', `${USERS}/${world.marc.id}`, { body: { role: 'MANAGER' } })
    await call(world.ana, 'DELETE', `${ACTIONS}/${id}`)
    expect(await summaries(path)).toEqual([])
  })

  it('is empty for an EMPLOYEE', async () => {
    expect(await eventsAt(await openCalendar(world.eli))).toEqual([])
  })

  it('is answered with the headers of something private, to HEAD too, whatever the query', async () => {
    const path = await openCalendar(world.marc)
    await actionFor([world.marc])
    const reply = await readCalendar(`${path}?utm=1&utm=2&x`)
    expect(reply.status).toBe(200)
    const head = await call(null, 'HEAD', path)
    expect([head.status, head.text]).toEqual([200, ''])
    for (const { headers } of [reply, head]) {
      expect(headers.get('Content-Type')).toBe('text/calendar; charset=utf-8')
      expect(headers.get('Cache-Control')).toMatch(/^private/)
      expect(headers.get('ETag')).toBe(reply.headers.get('ETag'))
      expect(headers.get('Referrer-Policy')).toBe('no-referrer')
    }
    expect((await call(null, 'POST', path)).status).toBe(405)
  })

  it('names its user, and not its address, in the log', async () => {
    const path = await openCalendar(world.marc)
    const reply = await readCalendar(path)
    expect(lineOf(reply.headers.get('X-Request-Id'))).toMatchObject({
      ...{ route: '/api/v1/calendars/:file', userId: world.marc.id, companyId: world.companyId },
    })
  })

  it('is bounded: the 2,000 that are due first', async () => {
    const { companyId, ana, marc } = world
    const plan = await insertPlan({
      companyId,
      createdBy: ana.id,
      visibility: 'PUBLIC',
      title: 'é'.repeat(200),
    })
    const now = Date.now()
    await insertActions(
      Array.from({ length: 2100 }, (_, index) => ({
        ...{
          plan,
          createdBy: ana.id,
          title: `${String(index)} ${'😀'.repeat(195)}`,
          dueDate: now + index * 1000,
        },
        assignees: [{ userId: marc.id }],
      })),
    )
    const path = await openCalendar(marc)
    const reply = await readCalendar(path)
    expect(reply.text.match(/BEGIN:VEVENT/g)).toHaveLength(2000)
    expect(reply.text).toContain('SUMMARY:0 ')
    const line = lineOf(reply.headers.get('X-Request-Id'))
    // The address names the database, so that no other is asked whose it is.
    expect(line?.d1Calls).toBe(2)
    // Each event of the count and of the list: the assignment, the action and its plan.
    expect(line?.rowsRead).toBeLessThanOrEqual(2 * 3 * 2001 + 50)
  })
})
