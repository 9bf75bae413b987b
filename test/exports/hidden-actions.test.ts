import { expect, it } from 'vitest'
import { ACTIONS, call, createAction, createPlan, takeStep } from '../support/api.ts'
import { catchBackground, deliverExports } from '../support/background.ts'
import { askForExport, workbookOf } from '../support/exports.ts'
import { createWorld } from '../support/world.ts'
import { textsOf } from './workbook/read-back.ts'

it('neither the workbook nor the mail tells how many actions are hidden', async () => {
  const world = await createWorld()
  const background = catchBackground()
  const plan = await createPlan(world.marc, { visibility: 'PUBLIC', title: 'Shared' })
  await createAction(world.marc, plan.id, { title: 'For all' })
  /** What noa gets of the plan, without what differs from export to export. */
  const received = async () => {
    const asked = await askForExport(world.noa, plan.id)
    await deliverExports(background)
    const { text = '', html = '' } = background.mails.at(-1) ?? {}
    const cells = textsOf((await workbookOf(asked)).worksheets[0])
    expect(cells.join('\n')).toContain("Actions that aren't visible to you count towards the percentage too.")
    return [text, html, ...cells].join('\n').replace(/https?:\S+"?|until [^.]*\.|[0-9a-f]{24}/g, '')
  }
  const hide = () => createAction(world.marc, plan.id, { title: 'Secret', visibility: 'PRIVATE' })
  await hide()
  const withOneHidden = await received()
  await hide()
  await hide()
  expect(await received()).toBe(withOneHidden)
  expect((await call(world.noa, 'GET', `${ACTIONS}?planId=${plan.id}`)).body.total).toBe(1)
})

it('of the overdue actions, the mail counts those that its requester may read', async () => {
  const world = await createWorld()
  const background = catchBackground()
  const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
  const dueDate = '2001-01-01T00:00:00Z'
  await createAction(world.marc, plan.id, { dueDate })
  const done = await createAction(world.marc, plan.id, { dueDate })
  await takeStep(world.marc, done.id, 'COMPLETED')
  await createAction(world.marc, plan.id, { dueDate: '2999-01-01T00:00:00Z' })
  await createAction(world.marc, plan.id, { dueDate, visibility: 'PRIVATE' })
  await askForExport(world.noa, plan.id)
  await deliverExports(background)
  expect(background.mails[0]?.text).toContain('Completion: 25%\nOverdue: 1 of 3\n')
})
