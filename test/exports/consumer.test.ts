import { exports } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { toHex } from '../../src/platform/hash.ts'
import { call, createAction, createPlan, PLANS } from '../support/api.ts'
import { type Background, catchBackground, deliverExports } from '../support/background.ts'
import {
  askForExport,
  deliverExport,
  mailedLinks,
  objectsOf,
  readExport,
  sendExportOf,
} from '../support/exports.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
})

const SETTLED = { acked: true, retryAfter: null }

describe('the message of an export', () => {
  it('carries it to SENT with one file and one mail to its requester', async () => {
    const plan = await createPlan(world.marc, { title: 'Bienestar 2027' })
    await createAction(world.marc, plan.id)
    const asked = await askForExport(world.marc, plan.id)
    expect(await deliverExports(background)).toEqual([SETTLED])
    expect(await readExport(asked)).toMatchObject({
      status: 'SENT',
      progress: { done: 1, total: 1 },
      attempts: 1,
      failure: null,
      files: [{ name: 'bienestar-2027.xlsx' }],
    })
    expect(background.mails).toMatchObject([
      { to: [world.marc.email], subject: 'Action plan “Bienestar 2027” in Excel', key: asked.id },
    ])
  })

  it('stores a zip of the size and hash that the export shows', async () => {
    const asked = await sendExportOf(world.marc, background)
    const [shown] = (await readExport(asked)).files
    const file = await download(mailedLinks(background)[0] ?? '')
    expect(file.byteLength).toBe(shown?.bytes)
    expect(toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', file)))).toBe(shown?.sha256)
    expect(new TextDecoder().decode(file.slice(0, 2))).toBe('PK')
  })

  it('speaks Spanish to who prefers it', async () => {
    const plan = await createPlan(world.marc, { title: 'Plan' })
    await askForExport(world.marc, plan.id, { 'Accept-Language': 'es' })
    await deliverExports(background)
    expect(background.mails[0]?.subject).toBe('Plan de acción «Plan» en Excel')
  })

  it('has an effect once, however often it comes', async () => {
    const asked = await sendExportOf(world.marc, background)
    for (let time = 0; time < 3; time += 1) expect((await deliverExport(asked)).acked).toBe(true)
    expect(background.tries).toHaveLength(1)
    expect(await objectsOf(asked)).toHaveLength(1)
  })

  it('ends it FAILED without a mail when its plan was deleted', async () => {
    const plan = await createPlan(world.marc)
    const asked = await askForExport(world.marc, plan.id)
    await call(world.marc, 'DELETE', `${PLANS}/${plan.id}`)
    const failed = { status: 'FAILED', failure: { code: 'PLAN_DELETED' } }
    expect(await readExport(asked)).toMatchObject(failed)
    expect(await deliverExports(background)).toEqual([SETTLED])
    expect(background.tries).toEqual([])
  })

  it('ends it FAILED without a mail when its requester lost the right to it', async () => {
    const plan = await createPlan(world.marc, { visibility: 'PUBLIC' })
    const asked = await askForExport(world.noa, plan.id)
    await call(world.marc, 'PATCH', `${PLANS}/${plan.id}`, { body: { visibility: 'PRIVATE' } })
    await deliverExports(background)
    expect(await readExport(asked)).toMatchObject({ status: 'FAILED', failure: { code: 'ACCESS_LOST' } })
    expect(background.tries).toEqual([])
  })
})

async function download(path: string): Promise<ArrayBuffer> {
  return (await exports.default.fetch(`https://api.test${path}`)).arrayBuffer()
}
