import fc from 'fast-check'
import { beforeEach, expect, it } from 'vitest'
import { ACTIONS, call, COMPANY, createPlan, HIERARCHIES, PLANS } from '../support/api.ts'
import { catchBackground } from '../support/background.ts'
import { wrongWeights } from '../support/weights.ts'
import { createPerson, createWorld, type Person, type World } from '../support/world.ts'

const text = fc.constantFrom(
  'a',
  'é',
  '😀',
  '"\\',
  'a\nb\tc',
  '\u2028',
  'x'.repeat(150),
  '\u007f'.slice(1) + 'z',
)
const n = fc.nat(9)
const some = fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 3 })
const focusItems = fc.array(
  fc.oneof(
    fc.constant({ focusType: 'HI' }),
    text.map((focusId) => ({ focusType: 'SCORE', focusId: focusId.trim() })),
  ),
  { maxLength: 3 },
)

/** One request; each number picks one of the things that are there. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('plan' as const), title: text, description: text }),
  fc.record({ kind: fc.constant('retell plan' as const), n, description: text }),
  fc.record({
    kind: fc.constant('action' as const),
    n,
    description: text,
    assignees: some,
    areas: some,
    focusItems,
  }),
  fc.record({ kind: fc.constant('retell action' as const), n, description: text, focusItems }),
  fc.record({ kind: fc.constant('assign' as const), n, assignees: some, areas: some }),
  fc.record({ kind: fc.constant('move' as const), n, to: n }),
  fc.record({ kind: fc.constant('note' as const), n, text }),
  fc.record({ kind: fc.constant('drop note' as const), n, note: n }),
  fc.record({ kind: fc.constant('drop action' as const), n }),
  fc.record({ kind: fc.constant('drop plan' as const), n }),
  fc.record({ kind: fc.constant('area' as const), name: text }),
  fc.record({ kind: fc.constant('rename area' as const), n, name: text }),
  fc.record({ kind: fc.constant('drop area' as const), n }),
  fc.record({ kind: fc.constant('reassign' as const), from: fc.nat(3), to: fc.nat(3) }),
  fc.record({ kind: fc.constant('rename' as const), name: text }),
  fc.record({ kind: fc.constant('hire' as const), name: text }),
  fc.record({ kind: fc.constant('export' as const), n }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

let world: World
let people: Person[]
let ids: { plans: string[]; actions: string[]; areas: string[]; notes: [string, string][] }
let sent = 0

beforeEach(async () => {
  catchBackground()
  world = await createWorld()
  people = [world.ana, world.marc, world.noa, await createPerson(world.companyId, 'MANAGER')]
})

/** Sends a request as the ADMIN, and answers the id of what was made; what is refused has no effect. */
async function send(method: string, path: string, body?: object, keyed = false): Promise<string | null> {
  sent += 1
  const headers: Record<string, string> = keyed ? { 'Idempotency-Key': `w-${String(sent)}` } : {}
  const reply = await call(world.ana, method, path, { body, headers })
  expect(reply.status, reply.text).toBeLessThan(500)
  return reply.status === 200 ? String(reply.body.id) : null
}

async function run(next: Step): Promise<void> {
  const { plans, actions, areas, notes } = ids
  const at = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(1, list.length)]
  const named = (indices: number[]) => indices.map((index) => people[index]?.id)
  const targets = (indices: number[]) => [...new Set(indices.flatMap((index) => at(areas, index) ?? []))]
  const keep = (list: string[], id: string | null) => {
    if (id !== null) list.push(id)
  }
  switch (next.kind) {
    case 'plan':
      keep(plans, await send('POST', PLANS, { ...next, visibility: 'PUBLIC' }, true))
      return
    case 'retell plan':
      await send('PATCH', `${PLANS}/${at(plans, next.n) ?? ''}`, { description: next.description })
      return
    case 'action': {
      const { description, focusItems: focus, assignees, areas: chosen } = next
      const lists = { assigneeIds: named(assignees), hierarchyIds: targets(chosen), focusItems: focus }
      const body = { planId: at(plans, next.n), title: 'A', description, ...lists }
      keep(actions, await send('POST', ACTIONS, body, true))
      return
    }
    case 'retell action': {
      const { description, focusItems: focus } = next
      await send('PATCH', `${ACTIONS}/${at(actions, next.n) ?? ''}`, { description, focusItems: focus })
      return
    }
    case 'assign': {
      const body = { assigneeIds: named(next.assignees), hierarchyIds: targets(next.areas) }
      await send('PATCH', `${ACTIONS}/${at(actions, next.n) ?? ''}`, body)
      return
    }
    case 'move':
      await send('PATCH', `${ACTIONS}/${at(actions, next.n) ?? ''}`, { planId: at(plans, next.to) })
      return
    case 'note': {
      const action = at(actions, next.n) ?? ''
      const note = await send('POST', `${ACTIONS}/${action}/notes`, { text: next.text }, true)
      if (note !== null) notes.push([action, note])
      return
    }
    case 'drop note': {
      const [action = '', note = ''] = at(notes, next.note) ?? []
      await send('DELETE', `${ACTIONS}/${action}/notes/${note}`)
      return
    }
    case 'drop action':
      await send('DELETE', `${ACTIONS}/${at(actions, next.n) ?? ''}`)
      return
    case 'drop plan':
      await send('DELETE', `${PLANS}/${at(plans, next.n) ?? ''}`)
      return
    case 'area':
      keep(areas, await send('POST', HIERARCHIES, { name: next.name }, true))
      return
    case 'rename area':
      await send('PATCH', `${HIERARCHIES}/${at(areas, next.n) ?? ''}`, { name: next.name })
      return
    case 'drop area':
      await send('DELETE', `${HIERARCHIES}/${at(areas, next.n) ?? ''}`)
      return
    case 'reassign': {
      const path = `${COMPANY}/users/${people[next.from]?.id ?? ''}/reassignments`
      await send('POST', path, { toUserId: people[next.to]?.id })
      return
    }
    case 'rename':
      await send('PATCH', `${COMPANY}/me`, { name: next.name })
      return
    case 'hire': {
      const body = { name: next.name, email: `w${String(sent)}@weights.test`, role: 'EMPLOYEE' }
      await send('POST', `${COMPANY}/users`, body, true)
      return
    }
    case 'export':
      await send('POST', `${PLANS}/${at(plans, next.n) ?? ''}/excel`)
  }
}

it('keeps what plans, actions and companies weigh as a count gives it, after any history', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 40 }), async (steps) => {
      ids = { plans: [(await createPlan(world.ana)).id], actions: [], areas: [], notes: [] }
      for (const next of steps) await run(next)
      expect(await wrongWeights()).toEqual({})
    }),
    { numRuns: 20 },
  )
}, 120_000)
