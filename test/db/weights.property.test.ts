import fc from 'fast-check'
import { beforeEach, expect, it } from 'vitest'
import {
  ACTIONS,
  call,
  COMPANY,
  createPlan,
  HIERARCHIES,
  ME,
  PLANS,
  type Reply,
  USERS,
} from '../support/api.ts'
import { catchBackground } from '../support/background.ts'
import { event, type EventOf } from '../support/event.ts'
import { insertUser } from '../support/factories.ts'
import { wrongWeights } from '../support/weights.ts'
import { createWorld, type World } from '../support/world.ts'

const LINES = ['a', 'é', '😀', '"\\', 'x'.repeat(150)]
const line = fc.constantFrom(...LINES)
const text = fc.constantFrom(...LINES, 'a\nb\tc', '\u2028')
const n = fc.nat(9)
const some = fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 3 })
const focusItem = fc.oneof(
  fc.constant({ focusType: 'HI' }),
  line.map((focusId) => ({ focusType: 'SCORE', focusId })),
)
const focusItems = fc.array(focusItem, { maxLength: 3 })

/** One request; each number picks one of the things that are there. */
const step = fc.oneof(
  event(3, 'plan', { title: line, description: text }),
  event(2, 'retell plan', { n, description: text }),
  event(5, 'action', { n, description: text, people: some, places: some, focusItems }),
  event(3, 'retell action', { n, description: text, focusItems }),
  event(3, 'assign', { n, people: some, places: some }),
  event(3, 'move', { n, to: n }),
  event(4, 'note', { n, text }),
  event(2, 'drop note', { n }),
  event(2, 'drop action', { n }),
  event(1, 'drop plan', { n }),
  event(3, 'area', { name: line }),
  event(2, 'rename area', { n, name: line }),
  event(2, 'drop area', { n }),
  event(2, 'reassign', { n: fc.nat(3), to: fc.nat(3) }),
  event(1, 'rename', { name: line }),
  event(1, 'hire', { name: line }),
  event(2, 'export', { n }),
  event(2, 'key', { name: line }),
  event(1, 'drop key', { n }),
)
type Step = EventOf<typeof step>

let world: World
let people: { id: string }[]
/** Paths of what was made and not deleted by itself. */
let made: Record<'plans' | 'actions' | 'areas' | 'notes' | 'keys', string[]>
let sent = 0

beforeEach(async () => {
  catchBackground()
  world = await createWorld()
  people = [world.ana, world.marc, world.noa, await insertUser({ companyId: world.companyId })]
})

/** Sends a request as the ADMIN; one that is refused has no effect, which is a history too. */
async function send(method: string, path: string, body?: object): Promise<Reply> {
  sent += 1
  // What tells one event from another is no member of a body.
  const lenient = { Prefer: 'handling=lenient' }
  const headers = method === 'POST' ? { ...lenient, 'Idempotency-Key': `w-${sent}` } : lenient
  const reply = await call(world.ana, method, path, { body, headers })
  expect(reply.status, reply.text).toBeLessThan(500)
  return reply
}

async function make(list: string[], path: string, body: object): Promise<void> {
  const { status, body: thing } = await send('POST', path, body)
  if (status === 200) list.push(`${path}/${String(thing.id)}`)
}

async function drop(list: string[], path: string): Promise<void> {
  const { status } = await send('DELETE', path)
  if (status === 204) list.splice(list.indexOf(path), 1)
}

async function run(next: Step): Promise<unknown> {
  const at = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(1, list.length)]
  const idAt = (list: readonly string[], index: number) => at(list, index)?.split('/').at(-1)
  const index = 'n' in next ? next.n : 0
  const [plan = `${PLANS}/none`, action = `${ACTIONS}/none`] = [
    at(made.plans, index),
    at(made.actions, index),
  ]
  const area = at(made.areas, index) ?? `${HIERARCHIES}/none`
  const note = at(made.notes, index) ?? `${action}/notes/none`
  const lists = {
    assigneeIds: 'people' in next ? next.people.map((place) => people[place]?.id) : [],
    hierarchyIds:
      'places' in next ? [...new Set(next.places.flatMap((place) => idAt(made.areas, place) ?? []))] : [],
  }
  switch (next.kind) {
    case 'plan':
      return make(made.plans, PLANS, { ...next, visibility: 'PUBLIC' })
    case 'action':
      return make(made.actions, ACTIONS, { ...next, title: 'A', planId: idAt(made.plans, index), ...lists })
    case 'note':
      return make(made.notes, `${action}/notes`, next)
    case 'area':
      return make(made.areas, HIERARCHIES, next)
    case 'key':
      return make(made.keys, `${COMPANY}/access-keys`, { ...next, scope: 'READ' })
    case 'hire':
      return send('POST', USERS, { ...next, email: `w${sent}@weights.test`, role: 'EMPLOYEE' })
    case 'retell plan':
      return send('PATCH', plan, next)
    case 'retell action':
      return send('PATCH', action, next)
    case 'assign':
      return send('PATCH', action, lists)
    case 'move':
      return send('PATCH', action, { planId: idAt(made.plans, next.to) })
    case 'rename area':
      return send('PATCH', area, next)
    case 'rename':
      return send('PATCH', ME, next)
    case 'reassign':
      return send('POST', `${USERS}/${people[next.n]?.id ?? ''}/reassignments`, {
        toUserId: people[next.to]?.id,
      })
    case 'export':
      return send('POST', `${plan}/excel`)
    case 'drop plan':
      return drop(made.plans, plan)
    case 'drop action':
      return drop(made.actions, action)
    case 'drop note':
      return drop(made.notes, note)
    case 'drop area':
      return drop(made.areas, area)
    case 'drop key':
      return drop(made.keys, at(made.keys, index) ?? `${COMPANY}/access-keys/none`)
  }
}

it('keeps what plans, actions and companies weigh as a count gives it, after any history', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 40 }), async (steps) => {
      const plan = await createPlan(world.ana)
      made = { plans: [`${PLANS}/${plan.id}`], actions: [], areas: [], notes: [], keys: [] }
      for (const next of steps) await run(next)
      expect(await wrongWeights()).toEqual({})
    }),
    { numRuns: 20 },
  )
}, 120_000)
