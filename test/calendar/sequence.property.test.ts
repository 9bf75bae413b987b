/** Histories of changes within one moment: whatever shows in an event raises its SEQUENCE, which never falls. */
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ACTIONS, call, COMPANY, createAction, createPlan, ME, PLANS } from '../support/api.ts'
import { eventsAt, openCalendar, readCalendar } from '../support/calendars.ts'
import { letPass } from '../support/clock.ts'
import { event, type EventOf } from '../support/event.ts'
import { createWorld } from '../support/world.ts'

const IS_LONG = env.TEST_LENGTH === 'long'

const WHICH = fc.nat({ max: 1 })
const SEEN = fc.constantFrom('PUBLIC', 'PRIVATE')
const EVENT = fc.oneof(
  event(4, 'renamePlan', { which: WHICH }),
  event(2, 'renameAction', {}),
  event(3, 'move', { to: WHICH }),
  event(4, 'showPlan', { which: WHICH, visibility: SEEN }),
  event(2, 'showAction', { visibility: SEEN }),
  event(2, 'step', { to: fc.constantFrom('IN_PROGRESS', 'NOT_STARTED') }),
  event(1, 'postpone', { days: fc.nat({ max: 9 }) }),
  event(1, 'language', { who: fc.constantFrom('company', 'user'), to: fc.constantFrom('en', 'es') }),
  event(1, 'zone', { to: fc.constantFrom('UTC', 'Pacific/Kiritimati') }),
  event(1, 'pass', { milliseconds: fc.nat({ max: 1500 }) }),
)
type Event = EventOf<typeof EVENT>

async function play(events: readonly Event[]): Promise<void> {
  letPass(0)
  const { ana, marc } = await createWorld()
  const plans = [
    await createPlan(ana, { title: 'One', visibility: 'PUBLIC' }),
    await createPlan(ana, { title: 'Two', visibility: 'PUBLIC' }),
  ]
  const fields = { title: 'It', assigneeIds: [marc.id], dueDate: '2030-01-01T12:00:00Z' }
  const { id } = await createAction(ana, plans[0]?.id ?? '', fields)
  const action = `${ACTIONS}/${id}`
  const path = await openCalendar(marc)
  const planAt = (which: number) => `${PLANS}/${plans[which]?.id ?? ''}`
  const patch = (at: string, body: object, who = ana) => call(who, 'PATCH', at, { body })
  let count = 0

  const change = (one: Event): Promise<unknown> | undefined => {
    count += 1
    switch (one.kind) {
      case 'renamePlan':
        return patch(planAt(one.which), { title: `Plan ${String(count)}` })
      case 'renameAction':
        return patch(action, { title: `Action ${String(count)}` })
      case 'move':
        return patch(action, { planId: plans[one.to]?.id })
      case 'showPlan':
        return patch(planAt(one.which), { visibility: one.visibility })
      case 'showAction':
        return patch(action, { visibility: one.visibility })
      case 'step':
        return call(ana, 'POST', `${action}/transitions`, { body: { to: one.to, assigneeId: marc.id } })
      case 'postpone':
        return patch(action, { dueDate: `2030-01-0${String(one.days + 1).slice(-1)}T12:00:00Z` })
      case 'language':
        return one.who === 'user'
          ? patch(ME, { language: one.to }, marc)
          : patch(COMPANY, { language: one.to })
      case 'zone':
        return patch(COMPANY, { timeZone: one.to })
      case 'pass':
        letPass(one.milliseconds)
        return undefined
    }
  }

  const shown = async () => {
    const [{ sequence, changed: _, ...rest } = { sequence: 0, changed: '' }] = await eventsAt(path)
    const reply = await readCalendar(path)
    return { sequence, event: JSON.stringify(rest), text: reply.text, tag: reply.headers.get('ETag') }
  }
  let before = await shown()
  for (const one of events) {
    await change(one)
    const after = await shown()
    const why = JSON.stringify([one, before, after])
    if (after.event === before.event) expect(after.sequence, why).toBeGreaterThanOrEqual(before.sequence)
    else expect(after.sequence, why).toBeGreaterThan(before.sequence)
    expect(after.tag === before.tag, why).toBe(after.text === before.text)
    before = after
  }
}

describe('an event', () => {
  it(
    'has a higher SEQUENCE after every change that it shows, also within a second',
    { timeout: 600_000 },
    async () => {
      const history = fc.array(EVENT, { minLength: 12, maxLength: 24, size: 'max' })
      await fc.assert(fc.asyncProperty(history, play), { numRuns: IS_LONG ? 60 : 6 })
    },
  )

  it('has one when its plan is renamed in the second of its last change', async () => {
    await play([
      { kind: 'renamePlan', which: 0 },
      { kind: 'renamePlan', which: 0 },
    ])
  })

  it('has one when its plan is shown no more and then again, whatever its own visibility', async () => {
    for (const visibility of ['PUBLIC', 'PRIVATE'] as const)
      await play([
        { kind: 'showAction', visibility },
        { kind: 'renamePlan', which: 0 },
        { kind: 'showPlan', which: 0, visibility: 'PRIVATE' },
        { kind: 'showPlan', which: 0, visibility: 'PUBLIC' },
      ])
  })

  it('has one when it moves to a plan that was changed less', async () => {
    await play([
      ...Array.from({ length: 5 }, () => ({ kind: 'renamePlan' as const, which: 0 })),
      { kind: 'move', to: 1 },
    ])
  })
})
