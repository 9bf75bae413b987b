/** In which language somebody who was erased is named: in the API in the company's, in a workbook in its own. */
import { beforeEach, describe, expect, it } from 'vitest'
import {
  ACTIONS,
  call,
  COMPANY,
  createAction,
  createPlan,
  ME,
  tagOf,
  takeStep,
  USERS,
} from '../support/api.ts'
import { type Background, catchBackground, deliverExports } from '../support/background.ts'
import { askForExport, askForPortfolio, type AskedExport, workbookOf } from '../support/exports.ts'
import { textsOf } from '../exports/workbook/read-back.ts'
import { createWorld, type World } from '../support/world.ts'
import { eraseUser } from './scene.ts'

const NAMES = { en: 'Former colleague', es: 'Antiguo compañero' } as const

let world: World
let background: Background
let planId: string
let path: string

/** noa wrote a plan, an action and a note, was assigned, and has been erased. */
beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
  const { ana, noa } = world
  planId = (await createPlan(noa, { visibility: 'PUBLIC' })).id
  const action = await createAction(noa, planId, { assigneeIds: [noa.id] })
  path = `${ACTIONS}/${action.id}`
  await call(noa, 'POST', `${path}/notes`, { body: { text: 'Done' } })
  await takeStep(noa, action.id, 'COMPLETED')
  await call(ana, 'POST', `${USERS}/${noa.id}/reassignments`, { body: { toUserId: ana.id } })
  await call(ana, 'PATCH', `${USERS}/${noa.id}`, { body: { active: false } })
  expect((await eraseUser(world, noa.id)).status).toBe(200)
})

const setLanguage = (language: 'en' | 'es') => call(world.ana, 'PATCH', COMPANY, { body: { language } })

const nameNow = async () =>
  (await call<{ name: string }>(world.ana, 'GET', `${USERS}/${world.noa.id}`)).body.name

async function textsIn(asked: AskedExport): Promise<string> {
  await deliverExports(background)
  return (await workbookOf(asked)).worksheets.flatMap((sheet) => textsOf(sheet)).join('\n')
}

describe('in the API', () => {
  it('the name is in the language of the company, follows it with another ETag, and is found by it', async () => {
    const { ana, noa } = world
    expect(await nameNow()).toBe(NAMES.en)
    const tags = [await tagOf(ana, path), await tagOf(ana, `${USERS}/${noa.id}`)]
    await setLanguage('es')
    expect(await nameNow()).toBe(NAMES.es)
    const action = await call<{ assignees: object[] }>(ana, 'GET', path)
    expect(action.body.assignees).toMatchObject([{ name: NAMES.es }])
    const after = [await tagOf(ana, path), await tagOf(ana, `${USERS}/${noa.id}`)]
    for (const [index, tag] of after.entries()) expect(tag).not.toBe(tags[index])
    for (const [q, total] of [
      ['COMPAÑERO', 1],
      ['colleague', 0],
    ] as const)
      expect((await call(ana, 'GET', `${USERS}?q=${encodeURIComponent(q)}`)).body).toMatchObject({ total })
    await setLanguage('en')
    expect(await nameNow()).toBe(NAMES.en)
  })

  it('nobody else is called another name', async () => {
    const others = [world.marc, world.eli, world.gus]
    const names = () =>
      Promise.all(others.map(async (one) => (await call<{ name: string }>(one, 'GET', ME)).body.name))
    const before = await names()
    await setLanguage('es')
    expect(await names()).toEqual(before)
  })
})

describe.each([
  ['es', 'en'],
  ['en', 'es'],
] as const)('in a workbook in %s, in a company in %s,', (own, ofCompany) => {
  it.each(['a plan', 'all plans'])('of %s, the name is in the language of the workbook', async (what) => {
    await setLanguage(ofCompany)
    await call(world.marc, 'PATCH', ME, { body: { language: own } })
    const asked =
      what === 'a plan' ? await askForExport(world.marc, planId) : await askForPortfolio(world.marc)
    const texts = await textsIn(asked)
    expect(texts).toContain(NAMES[own])
    expect(texts).not.toContain(NAMES[ofCompany])
  })
})
