/** What one reads with GET can be sent back with PATCH: it changes nothing. Over every resource with a PATCH. */
import { beforeAll, describe, expect, it } from 'vitest'
import { endpoints } from '../../src/endpoints.ts'
import { call, createAction, createPlan, ME, PLANS, takeStep } from '../support/api.ts'
import { type Dump, dumpDatabase } from '../support/dump.ts'
import { insertHierarchy } from '../support/factories.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { createEstate, type Estate } from './estate.ts'
import { pathOf } from './rows.ts'

let world: World
let own: Estate
let before: Dump

beforeAll(async () => {
  world = await createWorld()
  own = await createEstate(world.ana, world.marc, 'own')
  await insertHierarchy({ companyId: world.companyId, parentId: own.hierarchy })
  await takeStep(world.marc, own.action, 'IN_PROGRESS')
  await createAction(world.marc, own.plan, { visibility: 'PUBLIC', dueDate: '2031-05-01T10:00:00Z' })
  before = await dumpDatabase()
})

async function expectUnchanged(who: Person, path: string): Promise<void> {
  const read = await call(who, 'GET', path)
  expect(read.status, read.text).toBe(200)
  const reply = await call(who, 'PATCH', path, { body: read.text })
  expect([reply.status, reply.text]).toEqual([200, read.text])
  expect(reply.headers.get('ETag')).toBe(read.headers.get('ETag'))
  const headers = { 'If-Match': reply.headers.get('ETag') ?? '' }
  expect((await call(who, 'PATCH', path, { body: read.text, headers })).status).toBe(200)
}

const changing = endpoints.filter(({ method }) => method === 'PATCH')

describe('what was read and is sent back', () => {
  it.each(changing.map((endpoint) => [endpoint.operationId, endpoint] as const))(
    'to %s changes nothing',
    async (_, endpoint) => {
      await expectUnchanged(world.ana, pathOf(endpoint, own))
    },
  )

  it('by an EMPLOYEE about oneself changes nothing', async () => {
    await expectUnchanged(world.eli, ME)
  })

  it('has changed nothing in the database either', async () => {
    expect(await dumpDatabase()).toEqual(before)
  })

  it('with one member changed changes just that', async () => {
    const plan = await createPlan(world.marc, { description: 'Why' })
    await createAction(world.marc, plan.id)
    const path = `${PLANS}/${plan.id}`
    const read = await call(world.marc, 'GET', path)
    const reply = await call(world.marc, 'PATCH', path, { body: { ...read.body, title: 'Other' } })
    expect(reply.body).toEqual({ ...read.body, title: 'Other', updatedAt: reply.body.updatedAt })
  })
})
