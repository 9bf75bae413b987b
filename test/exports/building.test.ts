import { env } from 'cloudflare:workers'
import { expect, it, vi } from 'vitest'
import { createAction, createPlan } from '../support/api.ts'
import { catchBackground, deliverExports } from '../support/background.ts'
import { askForExport, type AskedExport, deliverExport, readExport } from '../support/exports.ts'
import { createWorld } from '../support/world.ts'

it('one isolate builds workbooks one after the other', async () => {
  const world = await createWorld()
  const background = catchBackground()
  const asked: AskedExport[] = []
  for (let count = 0; count < 3; count += 1) {
    const plan = await createPlan(world.marc)
    await createAction(world.marc, plan.id)
    asked.push(await askForExport(world.marc, plan.id))
  }
  background.exports.length = 0
  let building = 0
  let most = 0
  const put = env.FILES.put.bind(env.FILES)
  vi.spyOn(env.FILES, 'put').mockImplementation((async (...args: Parameters<typeof put>) => {
    building += 1
    most = Math.max(most, building)
    await scheduler.wait(30)
    const stored = await put(...args)
    building -= 1
    return stored
  }) as typeof env.FILES.put)
  await Promise.all(asked.map((one) => deliverExport(one)))
  await deliverExports(background)
  const states = await Promise.all(asked.map(readExport))
  expect([most, states.map(({ status }) => status)]).toEqual([1, ['SENT', 'SENT', 'SENT']])
})
