import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { ExportView } from '../../src/exports/schemas.ts'
import { call, codeOf, createPlan, PLANS, type Slice } from '../support/api.ts'
import { type Background, catchBackground } from '../support/background.ts'
import { askForExport, type AskedExport, EXPORTS, readExport, sendExportOf } from '../support/exports.ts'
import { createWorld, type World } from '../support/world.ts'
import { HOME } from '../support/home.ts'

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
})

describe('asking for an export', () => {
  it('answers with its Location, where it is QUEUED', async () => {
    const plan = await createPlan(world.marc, { title: 'Bienestar 2027' })
    const asked = await askForExport(world.marc, plan.id)
    expect(await readExport(asked)).toMatchObject({
      planId: plan.id,
      planTitle: 'Bienestar 2027',
      status: 'QUEUED',
      progress: { done: 0, total: 0 },
      files: [],
      attempts: 0,
      finishedAt: null,
      expiresAt: null,
      failure: null,
    })
  })

  it('answers with the export itself if that is preferred', async () => {
    const plan = await createPlan(world.marc, { title: 'Bienestar 2027' })
    const headers = { Prefer: 'return=representation' }
    const reply = await call<ExportView>(world.marc, 'POST', `${PLANS}/${plan.id}/excel`, { headers })
    expect(reply.headers.get('Preference-Applied')).toBe('return=representation')
    const read = await call<ExportView>(world.marc, 'GET', reply.headers.get('Location') ?? '')
    expect([reply.status, reply.body]).toEqual([200, read.body])
    expect(reply.body).toMatchObject({ planTitle: 'Bienestar 2027', status: 'QUEUED' })
    expect(reply.headers.get('ETag')).toBe(read.headers.get('ETag'))
  })

  it.each(['return=minimal', 'respond-async', 'handling=lenient'])(
    'answers empty with %s',
    async (Prefer) => {
      const plan = await createPlan(world.marc)
      const asked = await askForExport(world.marc, plan.id, { Prefer })
      expect((await readExport(asked)).status).toBe('QUEUED')
    },
  )

  it('names both preferences that it honours', async () => {
    const plan = await createPlan(world.marc)
    const headers = { Prefer: 'handling=lenient, return=representation' }
    const reply = await call(world.marc, 'POST', `${PLANS}/${plan.id}/excel?x=1`, { headers })
    expect(reply.headers.get('Preference-Applied')).toBe('return=representation, handling=lenient')
  })

  it.each([
    ['shown', 'return=representation', 'return=minimal'],
    ['empty', 'return=minimal', 'return=representation'],
  ])('answers a repeated request in the first form: %s', async (form, first, second) => {
    const plan = await createPlan(world.marc, { title: 'Then' })
    const ask = (Prefer: string) =>
      call(world.marc, 'POST', `${PLANS}/${plan.id}/excel`, { headers: { Prefer, 'Idempotency-Key': 'k' } })
    const asked = await ask(first)
    await call(world.marc, 'PATCH', `${PLANS}/${plan.id}`, { body: { title: 'Now' } })
    const again = await ask(second)
    expect(again.headers.get('Idempotent-Replayed')).toBe('true')
    expect([again.text, again.text === '']).toEqual([asked.text, form === 'empty'])
    for (const name of ['Preference-Applied', 'Location', 'ETag'])
      expect(again.headers.get(name)).toBe(asked.headers.get(name))
    expect(background.exports).toHaveLength(1)
  })

  it('queues a message of ids alone', async () => {
    const plan = await createPlan(world.marc)
    const { id } = await askForExport(world.marc, plan.id)
    expect(background.exports).toEqual([{ companyId: world.companyId, exportId: id, database: HOME }])
  })

  it.each([
    ['ana', 403],
    ['noa', 403],
    ['gus', 404],
  ] as const)('is refused to %s, who may not read the plan, with %i', async (who, status) => {
    const plan = await createPlan(world.marc)
    expect((await call(world[who], 'POST', `${PLANS}/${plan.id}/excel`)).status).toBe(status)
    expect(background.exports).toEqual([])
  })

  it('is a 503 when the queue does not take the message, and the export FAILED', async () => {
    const plan = await createPlan(world.marc)
    vi.spyOn(env.EXPORTS, 'send').mockRejectedValueOnce(new Error('no queue'))
    const reply = await call(world.marc, 'POST', `${PLANS}/${plan.id}/excel`)
    expect([reply.status, codeOf(reply)]).toEqual([503, 'QUEUE_UNAVAILABLE'])
    const { result } = (await call<Slice<ExportView>>(world.marc, 'GET', EXPORTS)).body
    expect(result).toMatchObject([{ status: 'FAILED', failure: { code: 'QUEUE_UNAVAILABLE' } }])
  })
})

describe('an export of a PUBLIC plan', () => {
  let asked: AskedExport

  beforeEach(async () => {
    asked = await sendExportOf(world.marc, background, { visibility: 'PUBLIC' })
  })

  it.each([
    ['ana', 403],
    ['noa', 403],
    ['eli', 403],
    ['gus', 404],
  ] as const)('shows %s, who did not ask for it, neither itself nor links: %i', async (who, status) => {
    expect((await call(world[who], 'GET', asked.location)).status).toBe(status)
    expect((await call(world[who], 'POST', `${asked.location}/links`)).status).toBe(status)
  })

  it.each([
    ['marc', 1],
    ['ana', 0],
  ] as const)('is in the list of its requester alone: that of %s has %i', async (who, total) => {
    expect((await call<Slice<unknown>>(world[who], 'GET', EXPORTS)).body.total).toBe(total)
  })
})
