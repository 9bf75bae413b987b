import { expect, it } from 'vitest'
import type { Status } from '../../../src/db/enums.ts'
import { type Countable, countByAreaAndPerson } from '../../../src/exports/workbook/breakdown.ts'

const SALES = { id: 's', name: 'Sales' }
const OPERATIONS = { id: 'o', name: 'Operations' }
const person = (userId: string, status: Status) => ({ userId, name: `User ${userId}`, status })

function breakdownOf(actions: readonly Countable[], limit = 100) {
  const breakdown = countByAreaAndPerson('Whole company', limit)
  for (const action of actions) breakdown.add(action)
  return breakdown.result()
}

const ACTIONS: Countable[] = [
  {
    status: 'IN_PROGRESS',
    overdue: true,
    hierarchies: [SALES, OPERATIONS],
    assignees: [person('a', 'COMPLETED'), person('b', 'IN_PROGRESS')],
  },
  { status: 'NOT_STARTED', overdue: false, hierarchies: [SALES], assignees: [person('b', 'NOT_STARTED')] },
  { status: 'COMPLETED', overdue: false, hierarchies: [], assignees: [person('a', 'COMPLETED')] },
]

it('counts an action in each of its areas, and one without any for the whole company; the most open first', () => {
  expect(breakdownOf(ACTIONS).areas).toEqual({
    rows: [
      { name: 'Sales', actions: 2, open: 2, completed: 0, overdue: 1 },
      { name: 'Operations', actions: 1, open: 1, completed: 0, overdue: 1 },
      { name: 'Whole company', actions: 1, open: 0, completed: 1, overdue: 0 },
    ],
    more: 0,
  })
})

it('counts for each person the own part: what one has finished is not late for oneself', () => {
  expect(breakdownOf(ACTIONS).people.rows).toEqual([
    { name: 'User b', actions: 2, open: 2, completed: 0, overdue: 1 },
    { name: 'User a', actions: 2, open: 0, completed: 2, overdue: 0 },
  ])
})

it('keeps two areas of one name apart', () => {
  const actions = ['1', '2'].map(
    (id) => ({ ...ACTIONS[1], hierarchies: [{ id, name: 'Sales' }] }) as Countable,
  )
  expect(breakdownOf(actions).areas.rows.map(({ name, actions: count }) => [name, count])).toEqual([
    ['Sales', 1],
    ['Sales', 1],
  ])
})

it('says how many rows it left out', () => {
  expect(breakdownOf(ACTIONS, 1)).toMatchObject({ areas: { more: 2 }, people: { more: 1 } })
})
