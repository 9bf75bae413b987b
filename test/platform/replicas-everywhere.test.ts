/** Every endpoint with a replica that lags: reads ask it, and the primary for what it does not know; writes never do. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ask, guarded, type Scene } from '../support/requests.ts'
import { type Lagging, laggingReplica } from '../support/replica.ts'
import { createSceneIn } from '../support/scene.ts'
import { createWorld } from '../support/world.ts'

const CASES = guarded.map((endpoint) => [endpoint.operationId, endpoint] as const)
const READS = CASES.filter(([, { method }]) => method === 'GET')
const WRITES = CASES.filter(([, { method }]) => method !== 'GET')

let lagging: Lagging
let scene: Scene

beforeEach(() => {
  lagging.asked = []
})

describe('what the replica knows', () => {
  beforeAll(async () => {
    scene = await createSceneIn(await createWorld(), 'bare')
    lagging = await laggingReplica()
  })

  it.each(READS)('%s asks of the replica alone, where it only reads', async (_, endpoint) => {
    const reply = await ask(endpoint, scene, lagging.vars)
    expect(reply.status, reply.text).toBe(endpoint.answer.status)
    expect(lagging.asked.map(({ copy }) => copy)).toEqual(['replica'])
  })
})

describe('what the replica does not know', () => {
  beforeAll(async () => {
    lagging = await laggingReplica()
    scene = await createSceneIn(await createWorld(), 'bare')
  })

  it.each(READS)('%s asks of the primary too', async (_, endpoint) => {
    const reply = await ask(endpoint, scene, lagging.vars)
    expect(reply.status, reply.text).toBe(endpoint.answer.status)
    expect(lagging.asked.map(({ copy }) => copy)).toEqual(['replica', 'primary'])
  })
})

describe('a write', () => {
  beforeAll(async () => {
    lagging = await laggingReplica()
  })

  it.each(WRITES)('%s asks the primary alone', async (_, endpoint) => {
    scene = await createSceneIn(await createWorld(), 'bare')
    lagging.asked = []
    const reply = await ask(endpoint, scene, lagging.vars)
    expect(reply.status, reply.text).toBe(endpoint.answer.status)
    expect(new Set(lagging.asked.map(({ copy }) => copy))).toEqual(new Set(['primary']))
  })
})
