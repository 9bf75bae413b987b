import { describe, expect, it } from 'vitest'
import { NaiveAction } from './naive-lifecycle.ts'

describe('the naive model', () => {
  it('expires what was started before its due date from that very moment on', () => {
    const action = new NaiveAction(['ada', 'bob'], 5, 0)
    action.tickTo(3)
    expect(action.step('ada', 'IN_PROGRESS')).toBe(true)
    action.tickTo(4)
    expect(action.read()).toMatchObject({ status: 'IN_PROGRESS', overdue: false })
    action.tickTo(5)
    expect(action.read()).toMatchObject({ status: 'EXPIRED', overdue: true, startedAt: 3, finishedAt: 5 })
    expect(action.read().assignees.map(({ status }) => status)).toEqual(['EXPIRED', 'EXPIRED'])
  })

  it('lets what has expired be reopened only without a due date', () => {
    const action = new NaiveAction(['ada', 'bob'], 5, 0)
    action.tickTo(3)
    action.step('ada', 'IN_PROGRESS')
    action.tickTo(5)
    expect(action.choices('ada')).toEqual([])
    action.setDue(null)
    expect(action.choices('ada')).toEqual(['NOT_STARTED', 'IN_PROGRESS'])
  })

  it('keeps what is started after its due date in progress and overdue', () => {
    const action = new NaiveAction(['ada'], 5, 0)
    action.tickTo(5)
    expect(action.step('ada', 'IN_PROGRESS')).toBe(true)
    action.tickTo(99)
    expect(action.read()).toMatchObject({ status: 'IN_PROGRESS', overdue: true })
  })
})
