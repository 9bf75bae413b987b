import { describe, expect, it, vi } from 'vitest'
import { Budget, SharedBudget } from '../../src/platform/admission.ts'

describe('a budget of memory', () => {
  it('grants in the order of asking, what fits at once and the rest as room comes', async () => {
    const budget = new Budget(100)
    const order: string[] = []
    const first = await budget.take(60)
    const waiting = [
      budget.take(90).then((grant) => (order.push('90'), grant)),
      budget.take(10).then((grant) => (order.push('10'), grant)),
    ]
    await scheduler.wait(50)
    expect([order, budget.free(Date.now())]).toEqual([[], 40])
    budget.giveBack(first)
    for (const grant of await Promise.all(waiting)) budget.giveBack(grant)
    expect(order).toEqual(['90', '10'])
  })

  it('grants all of it to who wants more', async () => {
    const budget = new Budget(100)
    budget.giveBack(await budget.take(1000))
    expect(budget.free(Date.now())).toBe(100)
  })

  it('serves all who wait, also after a pause in which they seemed gone', async () => {
    const budget = new Budget(100)
    const first = await budget.take(100)
    const order: number[] = []
    const waiting = [1, 2, 3].map(async (number) => {
      const grant = await budget.take(60)
      order.push(number)
      budget.giveBack(grant)
    })
    await scheduler.wait(30)
    vi.useFakeTimers({ now: Date.now() + 5000, toFake: ['Date'] })
    await scheduler.wait(30)
    budget.giveBack(first)
    await Promise.all(waiting)
    expect(order.toSorted()).toEqual([1, 2, 3])
  })

  it('takes back after a minute what nobody gave back', async () => {
    const budget = new Budget(100)
    await budget.take(100)
    expect([budget.free(Date.now()), budget.free(Date.now() + 61_000)]).toEqual([0, 100])
  })
})

describe('a budget that databases share', () => {
  const of = (at: 'DB' | 'DB_2', isAlone = false) => ({ at, isAlone })

  it('leaves half of it to the others, whoever waits', async () => {
    const budget = new SharedBudget(100)
    const kept = [await budget.take(30, of('DB_2')), await budget.take(20, of('DB_2'))]
    let isServed = false
    const waiting = budget.take(10, of('DB_2')).then((giveBack) => {
      isServed = true
      return giveBack
    })
    await scheduler.wait(30)
    expect([budget.free(of('DB_2'), Date.now()), budget.free(of('DB'), Date.now())]).toEqual([0, 50])
    for (let time = 1; time <= 5; time += 1) (await budget.take(50, of('DB')))()
    expect(isServed).toBe(false)
    for (const giveBack of kept) giveBack()
    ;(await waiting)()
    expect(budget.free(of('DB_2'), Date.now())).toBe(50)
  })

  it('is all of one database that is alone, and of one answer that needs more', async () => {
    const budget = new SharedBudget(100)
    ;(await budget.take(100, of('DB', true)))()
    ;(await budget.take(90, of('DB_2')))()
    expect(budget.free(of('DB', true), Date.now())).toBe(100)
  })
})
