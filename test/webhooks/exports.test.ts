import { beforeEach, describe, expect, it } from 'vitest'
import { call, createPlan, PLANS } from '../support/api.ts'
import { type Background, catchBackground, deliverExports } from '../support/background.ts'
import { HOUR, letPass, sweep } from '../support/clock.ts'
import { askForExport, buryExport, deliverExport, sendExportOf } from '../support/exports.ts'
import { createWebhook, deliveriesOf, deliverWebhooks } from '../support/webhooks.ts'
import { createWorld, openSession, type World } from '../support/world.ts'

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
})

const types = ['export.sent', 'export.failed']

it('an export that was sent is told to its requester’s webhooks at once', async () => {
  const { companyId, ana, marc } = world
  const [own, other] = [await createWebhook(marc, { types }), await createWebhook(ana, { types })]
  const none = await createWebhook(marc, { types: ['export.failed'] })
  const { id, message } = await sendExportOf(marc, background, { visibility: 'PUBLIC' })
  await deliverWebhooks(background)
  expect(background.received.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
    {
      type: 'export.sent',
      timestamp: expect.any(String) as string,
      data: { companyId, exportId: id, planId: expect.any(String) as string },
    },
  ])
  expect(await deliveriesOf(own)).toMatchObject([{ type: 'export.sent', status: 'DELIVERED' }])
  expect([await deliveriesOf(other), await deliveriesOf(none)]).toEqual([[], []])
  background.exports.push(message)
  await deliverExports(background)
  expect(await deliveriesOf(own)).toHaveLength(1)
})

describe('an export that failed is told to its requester’s webhooks', () => {
  it.each<[string, (planId: string) => Promise<void>]>([
    [
      'when its plan was deleted',
      async (planId) => {
        await call(world.marc, 'DELETE', `${PLANS}/${planId}`)
      },
    ],
    [
      'when it was given up',
      async () => {
        letPass(21 * HOUR)
        await sweep()
      },
    ],
  ])('%s', async (_, fail) => {
    const webhook = await createWebhook(world.marc, { types })
    const plan = await createPlan(world.marc)
    const asked = await askForExport(world.marc, plan.id)
    await fail(plan.id)
    await deliverExport(asked)
    await buryExport(asked)
    const marc = { ...world.marc, session: await openSession(world.marc) }
    expect(await deliveriesOf({ ...webhook, user: marc })).toMatchObject([{ type: 'export.failed' }])
  })

  it('when it could not be built', async () => {
    const webhook = await createWebhook(world.marc, { types })
    const plan = await createPlan(world.marc)
    await buryExport(await askForExport(world.marc, plan.id))
    expect(await deliveriesOf(webhook)).toMatchObject([{ type: 'export.failed' }])
  })

  it('when the mail was refused', async () => {
    const webhook = await createWebhook(world.marc, { types })
    background.answerMail(() => new Response('{}', { status: 422 }))
    const { id } = await sendExportOf(world.marc, background)
    await deliverWebhooks(background)
    expect(background.received[0]?.body).toContain(id)
    expect(await deliveriesOf(webhook)).toMatchObject([{ type: 'export.failed', status: 'DELIVERED' }])
  })
})
