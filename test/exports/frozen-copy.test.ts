import { expect, it, vi } from 'vitest'
import { createAction, createPlan } from '../support/api.ts'
import { catchBackground, deliverExports } from '../support/background.ts'
import { insertNotes } from '../support/factories.ts'
import { askForExport, workbookOf } from '../support/exports.ts'
import { createWorld } from '../support/world.ts'
import { textsOf } from './workbook/read-back.ts'
import { home } from '../support/home.ts'

it('all notes of an action are in the workbook in order, however many portions they are read in', async () => {
  const { marc } = await createWorld()
  const background = catchBackground()
  const plan = await createPlan(marc)
  const action = await createAction(marc, plan.id, { description: 'x' })
  const texts = Array.from({ length: 300 }, (_, index) => `Note ${index} ${'w'.repeat(4900)}`)
  const numbered = (index: number) => index.toString(16).padStart(24, '0')
  await insertNotes(
    texts.map((text, index) => ({
      id: numbered(index),
      actionId: action.id,
      authorId: marc.id,
      text,
      createdAt: index,
    })),
  )
  const calls = vi.spyOn(home, 'batch')
  const asked = await askForExport(marc, plan.id)
  await deliverExports(background)
  expect(calls.mock.calls.length).toBeGreaterThan(8)
  const { worksheets } = await workbookOf(asked)
  const sheet = worksheets.find(({ name }) => name.startsWith('1.'))
  expect(textsOf(sheet).filter((text) => text.startsWith('Note '))).toEqual(texts)
})
