import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { STATUSES } from '../../../src/db/enums.ts'
import { gatherAttention, type Urgency } from '../../../src/exports/workbook/attention.ts'

const TODAY = 46_000

function gather(actions: readonly (Urgency & { id: number })[], limit = 5) {
  const attention = gatherAttention<number>(TODAY, limit)
  for (const { id, ...urgency } of actions) attention.add(urgency, id)
  return attention.result()
}

const counts = ({ overdue, dueSoon, notStarted }: ReturnType<typeof gather>) =>
  [overdue, dueSoon, notStarted].map(({ count }) => count)

const urgency = (changes: Partial<Urgency>, id = 1) => ({
  ...({ status: 'IN_PROGRESS', overdue: false, dueDay: null } satisfies Urgency),
  ...changes,
  id,
})

describe('an action needs attention', () => {
  it.each([
    ['overdue', urgency({ overdue: true, dueDay: TODAY - 3 })],
    ['overdue', urgency({ status: 'EXPIRED', overdue: true, dueDay: TODAY - 3 })],
    ['dueSoon', urgency({ dueDay: TODAY })],
    ['dueSoon', urgency({ status: 'NOT_STARTED', dueDay: TODAY + 30 })],
    ['notStarted', urgency({ status: 'NOT_STARTED', dueDay: TODAY + 31 })],
    ['notStarted', urgency({ status: 'NOT_STARTED' })],
  ] as const)('as %s: %j', (kind, action) => {
    const result = gather([action])
    expect(result[kind]).toEqual({ count: 1, first: [1] })
    expect(counts(result).filter((count) => count > 0)).toEqual([1])
  })

  it.each([
    urgency({ status: 'COMPLETED', dueDay: TODAY - 3 }),
    urgency({ status: 'CANCELLED', dueDay: TODAY + 3 }),
    urgency({ dueDay: TODAY + 31 }),
    urgency({}),
  ])('unless it is over, far off or without a date: %j', (action) => {
    expect(counts(gather([action]))).toEqual([0, 0, 0])
  })
})

it('keeps the most urgent of any number, the most urgent first, and counts them all', () => {
  const days = fc.array(fc.integer({ min: TODAY - 400, max: TODAY - 1 }), { maxLength: 40 })
  fc.assert(
    fc.property(days, fc.integer({ min: 1, max: 6 }), (dueDays, limit) => {
      const actions = dueDays.map((dueDay, id) => urgency({ overdue: true, dueDay }, id))
      const { count, first } = gather(actions, limit).overdue
      const sorted = [...actions].sort(
        (one, other) => (one.dueDay ?? 0) - (other.dueDay ?? 0) || one.id - other.id,
      )
      expect(count).toBe(dueDays.length)
      expect(first).toEqual(sorted.slice(0, limit).map(({ id }) => id))
    }),
  )
})

it('puts no action into two groups', () => {
  const action = fc.record({
    status: fc.constantFrom(...STATUSES),
    overdue: fc.boolean(),
    dueDay: fc.option(fc.integer({ min: TODAY - 60, max: TODAY + 60 })),
  })
  fc.assert(
    fc.property(action, (each) => {
      const sum = counts(gather([{ ...each, id: 1 }])).reduce((before, count) => before + count)
      expect(sum).toBeLessThanOrEqual(1)
    }),
  )
})
