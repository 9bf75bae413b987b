/** Whom the content of an export names: what is deleted when such a person is erased is found by this list. */
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { expect, it } from 'vitest'
import { exports } from '../../src/db/schema.ts'
import { ACTIONS, call, createAction, createPlan } from '../support/api.ts'
import { catchBackground, deliverExports } from '../support/background.ts'
import { askForExport } from '../support/exports.ts'
import { createPerson, createWorld } from '../support/world.ts'
import { home } from '../support/home.ts'

async function peopleOf(exportId: string): Promise<string[] | null> {
  const row = await drizzle(home)
    .select({ people: exports.people })
    .from(exports)
    .where(eq(exports.id, exportId))
    .get()
  const people = row?.people ?? null
  return people === null ? null : (JSON.parse(people) as string[])
}

it('an export of a plan names its requester, creators, assignees and authors of notes, and nobody else', async () => {
  const world = await createWorld()
  const { ana, marc, noa, companyId } = world
  const [creator, author] = [
    await createPerson(companyId, 'MANAGER'),
    await createPerson(companyId, 'MANAGER'),
  ]
  const plan = await createPlan(marc, { visibility: 'PUBLIC' })
  const action = await createAction(creator, plan.id, { assigneeIds: [noa.id] })
  await call(author, 'POST', `${ACTIONS}/${action.id}/notes`, { body: { text: 'A note' } })
  // Ana does not see this one, so that the file does not name the bystander.
  const bystander = await createPerson(companyId, 'MANAGER')
  await createAction(bystander, plan.id, { visibility: 'PRIVATE' })
  const background = catchBackground()
  const asked = await askForExport(ana, plan.id)
  expect(await peopleOf(asked.id)).toBeNull()
  await deliverExports(background)
  const named = [ana, marc, noa, creator, author].map(({ id }) => id)
  expect((await peopleOf(asked.id))?.sort()).toEqual(named.sort())
})
