/**
 * What the history costs each write: the rows that its one statement writes, index entries and the company's row
 * included. The README states it. A write that is not named here leaves no entry.
 */
import { beforeEach, expect, it, vi } from 'vitest'
import { catchBackground } from '../support/background.ts'
import { ask, guarded, rowOf } from '../support/requests.ts'
import { createWorld, type World } from '../support/world.ts'
import { createScene } from './scene.ts'
import { home } from '../support/home.ts'

/** Rows written by endpoint, where two actions in a plan have one of everything; all others write none. */
const ROWS_WRITTEN: Record<string, number> = {
  // The entry, its place in the lists of the plan and of the actor, and the company: 4.
  createActionPlan: 4,
  updateActionPlan: 4,
  // The list of the action is one more.
  createAction: 5,
  updateAction: 5,
  deleteAction: 5,
  transitionAction: 5,
  createNote: 5,
  deleteNote: 5,
  // 4 for each action, 3 for the plan, and the company.
  deleteActionPlan: 2 * 4 + 3 + 1,
  deleteHierarchy: 2 * 4 + 1,
  reassignWork: 2 * 4 + 1,
  importPlans: 2 * 4 + 1,
}

let world: World

beforeEach(async () => {
  world = await createWorld()
})

/** The rows that each statement on the history writes, while `act` runs. */
async function watched(act: () => Promise<unknown>): Promise<number[]> {
  const rows: number[] = []
  const [prepare, batch] = [home.prepare.bind(home), home.batch.bind(home)]
  const texts: string[] = []
  vi.spyOn(home, 'prepare').mockImplementation((text) => {
    texts.push(text)
    return prepare(text)
  })
  vi.spyOn(home, 'batch').mockImplementation(async <Row>(statements: D1PreparedStatement[]) => {
    const sent = texts.splice(0).slice(-statements.length)
    const results = await batch<Row>(statements)
    for (const [index, { meta }] of results.entries())
      if (sent[index]?.startsWith('INSERT INTO "history"')) rows.push(meta.rows_written)
    return results
  })
  await act()
  vi.restoreAllMocks()
  return rows
}

const WRITES = guarded.filter((endpoint) => rowOf(endpoint).costs === 'write')

it.each(WRITES.map((endpoint) => [endpoint.operationId, endpoint] as const))('%s', async (name, endpoint) => {
  catchBackground()
  const scene = await createScene(world)
  const rows = await watched(async () => {
    const reply = await ask(endpoint, scene)
    expect(reply.status, reply.text).toBe(endpoint.answer.status)
  })
  expect(rows).toEqual(name in ROWS_WRITTEN ? [ROWS_WRITTEN[name]] : [])
})
