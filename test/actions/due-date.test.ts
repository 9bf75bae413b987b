/** A due date may be a plain date: its last millisecond where the company is. */
import { describe, expect, it } from 'vitest'
import type { ActionView } from '../../src/actions/schemas.ts'
import { ACTIONS, call, COMPANY, createAction, createPlan, namedPaths, type Reply } from '../support/api.ts'
import { lineOf } from '../support/log.ts'
import { createCompany, createPerson, type Person } from '../support/world.ts'

async function post(who: Person, planId: string, dueDate: unknown, headers = {}): Promise<Reply<ActionView>> {
  return call<ActionView>(who, 'POST', ACTIONS, { body: { planId, title: 'x', dueDate }, headers })
}

async function placeIn(timeZone: string): Promise<{ ana: Person; planId: string }> {
  const ana = await createPerson(await createCompany(timeZone), 'ADMIN')
  return { ana, planId: (await createPlan(ana)).id }
}

describe('a due date that is a date', () => {
  it.each([
    ['UTC', '2031-05-14', '2031-05-14T23:59:59.999Z'],
    ['Europe/Madrid', '2031-05-14', '2031-05-14T21:59:59.999Z'],
    // The clocks go back an hour that day, and forward.
    ['Europe/Madrid', '2031-10-26', '2031-10-26T22:59:59.999Z'],
    ['Europe/Madrid', '2031-03-30', '2031-03-30T21:59:59.999Z'],
    ['Asia/Kathmandu', '2031-05-14', '2031-05-14T18:14:59.999Z'],
    ['Pacific/Kiritimati', '2031-05-14', '2031-05-14T09:59:59.999Z'],
    ['America/Los_Angeles', '2031-05-14', '2031-05-15T06:59:59.999Z'],
    // Midnight of the next day is skipped there.
    ['Africa/Cairo', '2031-04-24', '2031-04-24T21:59:59.999Z'],
    ['America/Los_Angeles', '9999-12-31', '9999-12-31T23:59:59.999Z'],
    ['UTC', '0001-01-01', '0001-01-01T23:59:59.999Z'],
  ])('is its last millisecond in %s: %s is %s', async (timeZone, date, iso) => {
    const { ana, planId } = await placeIn(timeZone)
    const made = await post(ana, planId, date)
    expect([made.status, made.body.dueDate], made.text).toEqual([200, iso])
    const action = await createAction(ana, planId)
    const path = `${ACTIONS}/${action.id}`
    const changed = await call<ActionView>(ana, 'PATCH', path, { body: { dueDate: date } })
    expect(changed.body.dueDate).toBe(iso)
    // The same date again, and the instant that was answered, change nothing.
    for (const dueDate of [date, iso])
      expect((await call(ana, 'PATCH', path, { body: { dueDate } })).body).toEqual(changed.body)
  })

  it.each(['2031-05-14', '20310514', '2031-W20-3', '2031-134', ' 2031-05-14 '])('may be %j', async (date) => {
    const { ana, planId } = await placeIn('UTC')
    expect((await post(ana, planId, date)).body.dueDate).toBe('2031-05-14T23:59:59.999Z')
  })

  it.each([
    '2031-02-29',
    '2031-13-01',
    '0000-12-31',
    '2031-05',
    '14.05.2031',
    '2031-05-14T10:00',
    20_310_514,
  ])('may not be %j', async (date) => {
    const { ana, planId } = await placeIn('UTC')
    const reply = await post(ana, planId, date)
    expect([reply.status, namedPaths(reply)]).toEqual([400, ['dueDate']])
  })

  it('is found by that date and not by the next', async () => {
    const { ana, planId } = await placeIn('Asia/Kathmandu')
    await post(ana, planId, '2031-05-14')
    const total = async (query: string) =>
      (await call<{ total: number }>(ana, 'GET', `${ACTIONS}?${query}`)).body.total
    expect(await total('dueFrom=2031-05-14&dueTo=2031-05-15')).toBe(1)
    expect(await total('dueFrom=2031-05-15')).toBe(0)
  })

  it('stays what it was when the company moves, also in a repeated request', async () => {
    const { ana, planId } = await placeIn('UTC')
    const send = () => post(ana, planId, '2031-05-14', { 'Idempotency-Key': 'dated' })
    const first = await send()
    await call(ana, 'PATCH', COMPANY, { body: { timeZone: 'Asia/Kathmandu' } })
    expect((await send()).text).toBe(first.text)
    expect((await post(ana, planId, '2031-05-14')).body.dueDate).toBe('2031-05-14T18:14:59.999Z')
  })

  it('costs no further call to D1', async () => {
    const { ana, planId } = await placeIn('Asia/Kathmandu')
    const made = await post(ana, planId, '2031-05-14')
    const path = `${ACTIONS}/${made.body.id}`
    const changed = await call(ana, 'PATCH', path, { body: { dueDate: '2031-05-15' } })
    for (const { headers } of [made, changed]) expect(lineOf(headers.get('X-Request-Id'))?.d1Calls).toBe(2)
  })
})
