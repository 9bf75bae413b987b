/** Every endpoint that may write, once with an effect and once without: entries and changes correspond. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { ChangeType } from '../../src/db/enums.ts'
import { endpoints } from '../../src/endpoints.ts'
import type { Endpoint } from '../../src/platform/endpoint.ts'
import { ROWS as ACCESS_ROWS } from '../access/rows.ts'
import { call, type Reply } from '../support/api.ts'
import { type Background, catchBackground } from '../support/background.ts'
import { entriesOf } from '../support/entries.ts'
import { requestOf, type Scene } from '../support/requests.ts'
import { expectTold, stateOf } from '../support/told.ts'
import { createWorld, type World } from '../support/world.ts'
import { createScene } from './scene.ts'

/** What the request of test/support/requests.ts leaves, in order. An endpoint that is missing here fails. */
const LEAVES: Record<string, ChangeType[]> = {
  createActionPlan: ['plan.created'],
  updateActionPlan: ['plan.updated'],
  deleteActionPlan: ['action.deleted', 'action.deleted', 'plan.deleted'],
  createAction: ['action.created'],
  updateAction: ['action.updated'],
  deleteAction: ['action.deleted'],
  transitionAction: ['action.status_changed'],
  createNote: ['note.added'],
  deleteNote: ['note.deleted'],
  importPlans: ['action.created', 'action.created'],
  deleteHierarchy: ['action.updated', 'action.updated'],
  reassignWork: ['action.updated', 'action.updated'],
  ...Object.fromEntries(
    [
      'requestSignInCode signIn signOut signOutEverywhere exportActionPlan exportPortfolio createExportLinks requestLinkMail',
      'switchRemindersOff',
      'createWebhook updateWebhook deleteWebhook replaceWebhookSecret pingWebhook retryWebhookDelivery',
      'createCalendar deleteCalendar eraseUser',
      'createAccessKey endAccessKey updateCompany updateMe createUser updateUser createHierarchy updateHierarchy',
    ].flatMap((names) => names.split(' ').map((name) => [name, []])),
  ),
}

const writing = endpoints.filter(({ method }) => method !== 'GET')
let world: World
let background: Background

beforeEach(async () => {
  background = catchBackground()
  world = await createWorld()
})

it('names each endpoint that may write, and no other', () => {
  expect(Object.keys(LEAVES).sort()).toEqual(writing.map(({ operationId }) => operationId).sort())
})

/** Sends the request, which is the same each time. */
function senderOf(endpoint: Endpoint, scene: Scene): () => Promise<Reply> {
  if (endpoint.access === 'public') {
    const path = endpoint.path.replace(/:\w+/g, 'a'.repeat(24))
    const { body } = ACCESS_ROWS[endpoint.operationId] ?? {}
    return () => call(null, endpoint.method, path, body ? { body } : {})
  }
  const { path, body } = requestOf(endpoint, scene)
  const headers: Record<string, string> = endpoint.idempotent === true ? { 'Idempotency-Key': 'once' } : {}
  return () => call(scene.who, endpoint.method, path, body ? { body, headers } : { headers })
}

describe.each(writing.map((endpoint) => [endpoint.operationId, endpoint] as const))(
  '%s',
  (name, endpoint) => {
    it('leaves what it changes, and nothing when it changes nothing', async () => {
      const scene = await createScene(world)
      const send = senderOf(endpoint, scene)
      const before = await stateOf(world.companyId)
      const reply = await send()
      if (endpoint.access !== 'public') expect(reply.status, reply.text).toBe(endpoint.answer.status)
      const after = await stateOf(world.companyId)
      const entries = await entriesOf(world.companyId)
      expect(entries.map(({ type }) => type)).toEqual(LEAVES[name])
      expectTold(before, entries, after)
      const via = name === 'importPlans' ? 'IMPORT' : 'SESSION'
      const facts = { actorId: scene.who.id, via, companyId: world.companyId }
      for (const entry of entries) expect(entry).toMatchObject({ ...facts, at: entry.recordedAt })
      expect(entries.map(({ number }) => number)).toEqual(entries.map((_, index) => index + 1))

      // The same again is a replay, a change to what is so already, or about what is gone.
      const again = await send()
      expect(again.status, again.text).toBeLessThan(500)
      expect(await stateOf(world.companyId)).toEqual(after)
      expect(await entriesOf(world.companyId)).toEqual(entries)
      background.exports.length = 0
    })
  },
)
