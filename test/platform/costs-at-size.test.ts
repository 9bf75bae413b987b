/**
 * How many rows a request reads and writes, at 20 and at 5,000 children: actions of one plan, all assigned to one user,
 * all aimed at one area. Most requests cost the same at both sizes; what must touch each child has a bound per child.
 */
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../src/platform/limits.ts'
import type { Endpoint } from '../../src/platform/endpoint.ts'
import { newId } from '../../src/platform/new-id.ts'
import { call, PLANS } from '../support/api.ts'
import {
  insertAccessKey,
  insertActions,
  insertExport,
  insertHierarchy,
  insertNote,
  insertPlan,
  insertDeliveries,
  insertUser,
  insertWebhook,
} from '../support/factories.ts'
import { lineOf } from '../support/log.ts'
import { ask, guarded, type Scene } from '../support/requests.ts'
import { createPerson, createWorld } from '../support/world.ts'

/** Two less than a plan holds, so that an import of two can be added. */
const MANY = LIMITS.actionsPerPlan.most - 2
const SIZES = [20, MANY]

interface Bound {
  read: number
  written: number
}

/** Rows of any request, whatever the size; the request with most creates an action with 20 focus items. */
const BASE: Bound = { read: 80, written: 45 }

/** Further rows per child, for the requests that read or write each of them. */
const PER_CHILD: Record<string, Bound> = {
  getActionPlan: { read: 12, written: 0 },
  listActionPlans: { read: 13, written: 0 },
  getOverview: { read: 20, written: 0 },
  listActions: { read: 7, written: 0 },
  // Of many actions, the log line counts the first portion.
  getMyData: { read: 15, written: 0 },
  // Audience and tree revision of all actions; then the plan is shown.
  updateActionPlan: { read: 36, written: 5 },
  // The history writes 4 for each child of these three.
  deleteActionPlan: { read: 30, written: 9 },
  // A deactivated user is shown as such in each action.
  updateUser: { read: 6, written: 1 },
  // Nine of them find whether a hand-over left a gap among the assignees.
  reassignWork: { read: 81, written: 11 },
  deleteHierarchy: { read: 33, written: 8 },
}

/** Requests that change what others are about. */
const NEEDS_OWN_SCENE = [
  ...Object.keys(PER_CHILD),
  ...[
    'importPlans',
    'updateAction',
    'deleteAction',
    'deleteNote',
    'deleteWebhook',
    'signOut',
    'signOutEverywhere',
    'endAccessKey',
    'eraseUser',
  ],
]

async function createScene(children: number): Promise<Scene> {
  const { companyId, ana } = await createWorld()
  const user = await createPerson(companyId, 'MANAGER')
  const hierarchy = await insertHierarchy({ companyId })
  const plan = await insertPlan({ companyId, createdBy: ana.id, visibility: 'PUBLIC' })
  const fields = { plan, createdBy: ana.id, assignees: [{ userId: user.id }], hierarchyIds: [hierarchy.id] }
  const actions = await insertActions(Array.from({ length: children }, () => fields))
  const action = actions[0]?.id ?? ''
  const note = await insertNote({ actionId: action, authorId: user.id })
  const sent = { status: 'SENT', people: '[]', expiresAt: Date.now() + 3_600_000 } as const
  const stored = await insertExport({ companyId, planId: plan.id, requestedBy: ana.id, ...sent })
  const key = await insertAccessKey({ companyId, userId: user.id, keyHash: newId(Date.now()) })
  const webhook = (await insertWebhook({ companyId, userId: ana.id })).id
  const [delivery] = await insertDeliveries(
    Array.from({ length: 10 }, () => ({ companyId, webhookId: webhook })),
  )
  const { id: former } = await insertUser({ companyId, active: false })
  const told = { export: stored.id, webhook, delivery: delivery?.id ?? '' }
  const ids = { plan: plan.id, action, note: note.id, user: user.id, ...told }
  return {
    who: ana,
    ids: { ...ids, former, hierarchy: hierarchy.id, accessKey: key.id },
    assigneeIds: [user.id],
    hierarchyIds: [hierarchy.id],
  }
}

async function rowsOf(reply: { status: number; text: string; headers: Headers }, status: number) {
  expect(reply.status, reply.text).toBe(status)
  const line = lineOf(reply.headers.get('X-Request-Id'))
  return { read: line?.rowsRead ?? Infinity, written: line?.rowsWritten ?? Infinity }
}

/** By number of children. */
const sharedScenes = new Map<number, Promise<Scene>>()

async function sceneFor({ operationId }: Endpoint, children: number): Promise<Scene> {
  if (NEEDS_OWN_SCENE.includes(operationId)) return createScene(children)
  const scene = sharedScenes.get(children) ?? createScene(children)
  sharedScenes.set(children, scene)
  return scene
}

describe.each(SIZES)('at %i children', (children) => {
  it.each(guarded.map((endpoint) => [endpoint.operationId, endpoint] as const))(
    '%s reads and writes no more rows than its bound',
    async (name, endpoint) => {
      const scene = await sceneFor(endpoint, children)
      const rows = await rowsOf(await ask(endpoint, scene), endpoint.answer.status)
      const { read, written } = PER_CHILD[name] ?? { read: 0, written: 0 }
      expect(rows.read).toBeLessThanOrEqual(BASE.read + read * children)
      expect(rows.written).toBeLessThanOrEqual(BASE.written + written * children)
    },
    60_000,
  )

  it('a conditional change of a plan looks each action up once more', async () => {
    const { who, ids } = await createScene(children)
    const path = `${PLANS}/${ids.plan}`
    const tag = (await call(who, 'GET', path)).headers.get('ETag') ?? ''
    const change = { body: { title: 'Changed' }, headers: { 'If-Match': tag } }
    const rows = await rowsOf(await call(who, 'PATCH', path, change), 200)
    expect(rows.read).toBeLessThanOrEqual(BASE.read + 26 * children)
    expect(rows.written).toBeLessThanOrEqual(10)
  }, 60_000)

  it('a renamed user costs one row written per assignment', async () => {
    const { who, ids } = await createScene(children)
    const rename = { body: { name: 'Another name' } }
    const rows = await rowsOf(await call(who, 'PATCH', `/api/v1/company/users/${ids.user}`, rename), 200)
    expect(rows.written).toBeLessThanOrEqual(10 + children)
  }, 60_000)
})

it('bounds only requests that there are', () => {
  const names = guarded.map(({ operationId }) => operationId)
  expect(Object.keys(PER_CHILD).filter((name) => !names.includes(name))).toEqual([])
})
