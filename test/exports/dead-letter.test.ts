import { beforeEach, describe, expect, it } from 'vitest'
import { call, createPlan, PLANS } from '../support/api.ts'
import { type Background, catchBackground, deliverExports } from '../support/background.ts'
import { askForExport, type AskedExport, buryExport, deliverExport, readExport } from '../support/exports.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let background: Background
let asked: AskedExport
let planId: string

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
  ;({ id: planId } = await createPlan(world.marc))
  asked = await askForExport(world.marc, planId)
  background.exports.length = 0
})

describe('an export whose message is buried', () => {
  it('is FAILED with the reason when it was never stored', async () => {
    expect((await buryExport(asked)).acked).toBe(true)
    expect(await readExport(asked)).toMatchObject({ status: 'FAILED', failure: { code: 'BUILD_FAILED' } })
  })

  it('is FAILED with another reason when it was stored, and its mail not tried again', async () => {
    background.answerMail(() => new Response('', { status: 500 }))
    await deliverExport(asked)
    expect((await buryExport(asked)).acked).toBe(true)
    const failed = { status: 'FAILED', failure: { code: 'MAIL_UNDELIVERABLE' } }
    expect(await readExport(asked)).toMatchObject(failed)
    expect(background.tries).toHaveLength(1)
  })

  it.each([
    ['once while he may read the plan', true, ['Action plan “A plan”: export failed']],
    ['never when the plan is gone', false, []],
  ])('is told to its requester %s', async (_, isEntitled, subjects) => {
    await buryExport(asked)
    if (!isEntitled) await call(world.marc, 'DELETE', `${PLANS}/${planId}`)
    await deliverExports(background)
    await deliverExport(asked)
    await buryExport(asked)
    expect(background.exports).toEqual([])
    expect(background.mails.map(({ subject }) => subject)).toEqual(subjects)
  })
})
