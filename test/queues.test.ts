import { createMessageBatch, getQueueResult } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import worker from '../src/index.ts'
import { call, createPlan } from './support/api.ts'
import { type Background, catchBackground } from './support/background.ts'
import { askForExport, readExport } from './support/exports.ts'
import { createWorld, type World } from './support/world.ts'
import { contextOf } from './support/context.ts'
import { home } from './support/home.ts'

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
})

/** Hands a batch of that queue to the worker; the messages are named by their places. */
async function handOver(queue: string, bodies: readonly unknown[], vars: Partial<Env> = {}) {
  const timestamp = new Date()
  const messages = bodies.map((body, index) => ({ id: `message-${index}`, timestamp, attempts: 1, body }))
  const batch = createMessageBatch(queue, messages)
  const inEnv = { ...env, ...vars }
  const context = contextOf(inEnv)
  await worker.queue(batch, inEnv, context)
  return getQueueResult(batch, context)
}

async function queuedExport() {
  const plan = await createPlan(world.marc)
  return askForExport(world.marc, plan.id)
}

describe('a queue with the name that the deployment gives it', () => {
  it('in EXPORTS_QUEUE has its messages carry exports on', async () => {
    const asked = await queuedExport()
    const name = 'action-plans-exports-staging'
    const { explicitAcks } = await handOver(name, [asked.message], { EXPORTS_QUEUE: name })
    expect(explicitAcks).toEqual(['message-0'])
    expect((await readExport(asked)).status).toBe('SENT')
  })

  it('in SIGN_IN_MAIL_QUEUE has its messages mail codes', async () => {
    await call(null, 'POST', '/api/v1/sign-in-codes', { body: { email: world.marc.email } })
    const name = 'action-plans-sign-in-mail-staging'
    const { explicitAcks } = await handOver(name, background.codes, { SIGN_IN_MAIL_QUEUE: name })
    expect(explicitAcks).toEqual(['message-0'])
    expect(background.mails.map(({ to }) => to)).toEqual([[world.marc.email]])
  })

  it('in DEAD_LETTER_QUEUE has its messages end exports', async () => {
    const asked = await queuedExport()
    const name = 'action-plans-dead-letters-staging'
    const { explicitAcks } = await handOver(name, [asked.message], { DEAD_LETTER_QUEUE: name })
    expect(explicitAcks).toEqual(['message-0'])
    expect((await readExport(asked)).status).toBe('FAILED')
  })
})

describe('a batch of a queue that no setting names', () => {
  it('throws, since messages that are lost must show', async () => {
    await expect(handOver('unheard-of', [{}])).rejects.toThrow('No consumer for the queue unheard-of')
  })

  it('throws also when the queue had the name before', async () => {
    const asked = await queuedExport()
    const renamed = { EXPORTS_QUEUE: 'action-plans-exports-staging' }
    await expect(handOver(env.EXPORTS_QUEUE, [asked.message], renamed)).rejects.toThrow('No consumer')
    expect(await readExport(asked)).toMatchObject({ status: 'QUEUED', attempts: 0 })
  })
})

describe('a batch of several messages', () => {
  it('has the one that throws tried again, and the others done', async () => {
    const [one, other] = [await queuedExport(), await queuedExport()]
    vi.spyOn(home, 'batch').mockRejectedValueOnce(new Error('D1 is away'))
    const result = await handOver(env.EXPORTS_QUEUE, [one.message, other.message])
    expect(result.explicitAcks).toEqual(['message-1'])
    expect(result.retryMessages).toMatchObject([{ msgId: 'message-0' }])
    expect((await readExport(other)).status).toBe('SENT')
  })
})
