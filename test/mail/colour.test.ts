import { beforeEach, describe, expect, it } from 'vitest'
import { call, createPlan } from '../support/api.ts'
import { type Background, catchBackground, deliverExports } from '../support/background.ts'
import { askForExport, buryExport } from '../support/exports.ts'
import { askForCode, deliverCode, forgetCodes } from '../support/sign-in.ts'
import { createWebhook, deliverWebhooks, ping } from '../support/webhooks.ts'
import { createWorld, type World } from '../support/world.ts'

const COLOR = '#7c2d12'
const LATER = '#065f46'

let world: World
let background: Background

beforeEach(async () => {
  await forgetCodes()
  world = await createWorld()
  background = catchBackground()
  await paint(COLOR)
})

const paint = (accentColor: string) => call(world.ana, 'PATCH', '/api/v1/company', { body: { accentColor } })

/** The colour of the head of the last mail that was tried. */
function headColor(): string | undefined {
  const { html } = JSON.parse(background.tries.at(-1)?.body ?? '{}') as { html: string }
  return /<td class="pad" style="padding:16px 32px;background:(#[0-9a-f]{6})/.exec(html)?.[1]
}

describe("the company's colour", () => {
  it.each([
    ['with the links of', false],
    ['about the failure of', true],
  ])('is that of the request in the mail %s an export', async (_, fails) => {
    const asked = await askForExport(world.marc, (await createPlan(world.marc)).id)
    await paint(LATER)
    if (fails) {
      background.exports.length = 0
      await buryExport(asked)
    }
    await deliverExports(background)
    expect(headColor()).toBe(COLOR)
  })

  it('is in the mail about a webhook that was switched off', async () => {
    const webhook = await createWebhook(world.marc)
    background.answerWebhook(() => new Response(null, { status: 410 }))
    await ping(webhook)
    await deliverWebhooks(background)
    await deliverWebhooks(background)
    expect(headColor()).toBe(COLOR)
  })

  it('is that of the request in the mail with a code, at every try', async () => {
    await askForCode(world.marc.email)
    const message = background.codes.at(-1)
    await deliverCode(message)
    await paint(LATER)
    await deliverCode(message, 2)
    const [first, second] = background.tries
    expect(headColor()).toBe(COLOR)
    expect(second).toEqual(first)
  })
})
