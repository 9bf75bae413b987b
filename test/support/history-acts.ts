/** What people do at random, carried out through the public door, and told to the model of the history. */
import fc from 'fast-check'
import { expect } from 'vitest'
import type { ActionView } from '../../src/actions/schemas.ts'
import { STEPS, VISIBILITIES } from '../../src/db/enums.ts'
import { ACTIONS, call, PLANS, type Reply, takeStep, USERS } from './api.ts'
import type { UserView } from '../../src/people/schemas.ts'
import { event, type EventOf } from './event.ts'
import type { HistoryModel, ModelAction, ModelPlan } from './history-model.ts'
import { openSession, type Person } from './world.ts'

const who = fc.nat(4)
const n = fc.nat(9)
const title = fc.constantFrom('One', 'Two', 'Three')
const visibility = fc.constantFrom(...VISIBILITIES)
const own = fc.option(visibility, { nil: undefined })
const assignees = fc.uniqueArray(fc.nat(4), { minLength: 1, maxLength: 3 })

/** One thing that one of five people does; `n` and `to` pick one of what there is at that moment. */
export const act = fc.oneof(
  event(2, 'create plan', { who, title, visibility }),
  event(4, 'change plan', { who, n, title, visibility }),
  event(1, 'delete plan', { who, n }),
  event(4, 'create action', { who, n, title, own, assignees }),
  event(3, 'rename', { who, n, title }),
  event(3, 'show or hide', { who, n, visibility }),
  event(1, 'follow', { who, n, follows: fc.boolean() }),
  event(3, 'assign', { who, n, assignees }),
  event(5, 'move', { who, n, to: n, title }),
  event(4, 'step', { who, n, assignee: n, step: fc.constantFrom(...STEPS) }),
  event(2, 'note', { who, n }),
  event(1, 'delete note', { who, n }),
  event(1, 'delete action', { who, n }),
  event(3, 'reassign', { who, to: who }),
  event(1, 'activity', { who, active: fc.boolean() }),
  event(1, 'role', { who, role: fc.constantFrom('ADMIN', 'MANAGER', 'EMPLOYEE') }),
)
export type Act = EventOf<typeof act>

/** What a story begins with: plans and actions of several people, so that there is something to change. */
export const BEGINNING: readonly Act[] = [
  { kind: 'create plan', who: 1, title: 'One', visibility: 'PUBLIC' },
  { kind: 'create plan', who: 2, title: 'Two', visibility: 'PRIVATE' },
  { kind: 'create plan', who: 4, title: 'Three', visibility: 'PRIVATE' },
  { kind: 'create action', who: 1, n: 0, title: 'One', own: 'PRIVATE', assignees: [2] },
  { kind: 'create action', who: 2, n: 1, title: 'Two', own: undefined, assignees: [1, 4] },
  { kind: 'create action', who: 4, n: 0, title: 'Three', own: undefined, assignees: [0] },
  { kind: 'create action', who: 2, n: 1, title: 'One', own: 'PUBLIC', assignees: [2] },
]

/** Five people, of whom the first is an ADMIN throughout. */
export interface Cast {
  people: Person[]
  /** Who of them is an active company manager now, by id. */
  managers: Set<string>
  /** The last note that there is. */
  note: { id: string; actionId: string } | null
}

/** Whether the reply is a success. What is refused has no effect, which is a history too. */
function isDone({ status, text }: Pick<Reply, 'status' | 'text'>): boolean {
  expect(status, text).toBeLessThan(500)
  return status < 300
}

/** Carries it out; the model learns what came of it. */
export async function carryOut(next: Act, model: HistoryModel, cast: Cast): Promise<void> {
  const admin = cast.people[0]
  const person = personFor(next, model, cast)
  if (!admin || !person) return
  const index = 'n' in next ? next.n : 0
  const at = <Thing>(things: ReadonlyMap<string, Thing>, place: number) =>
    [...things.values()][place % things.size]
  const [plan, action] = [at(model.plans, index), at(model.actions, index)]
  const idsOf = (places: readonly number[]) => places.map((place) => cast.people[place]?.id ?? '')
  const patchAction = async (body: object) => {
    if (!action) return
    const reply = await call<ActionView>(person, 'PATCH', `${ACTIONS}/${action.id}`, { body })
    if (isDone(reply)) model.putAction(actionIn(reply.body), person.id)
  }
  switch (next.kind) {
    case 'create plan': {
      const body = { title: next.title, visibility: next.visibility }
      const reply = await call<ModelPlan>(person, 'POST', PLANS, { body })
      if (isDone(reply)) model.putPlan(planIn(reply.body), person.id)
      return
    }
    case 'change plan': {
      if (!plan) return
      const body = { title: next.title, visibility: next.visibility }
      const reply = await call<ModelPlan>(person, 'PATCH', `${PLANS}/${plan.id}`, { body })
      if (isDone(reply)) model.putPlan(planIn(reply.body), person.id)
      return
    }
    case 'delete plan':
      if (plan && isDone(await call(person, 'DELETE', `${PLANS}/${plan.id}`))) {
        model.deletePlan(plan.id, person.id)
      }
      return
    case 'create action': {
      if (!plan) return
      const assigneeIds = idsOf(next.assignees)
      const body = { planId: plan.id, title: next.title, visibility: next.own, assigneeIds }
      const reply = await call<ActionView>(person, 'POST', ACTIONS, { body })
      if (isDone(reply)) model.putAction(actionIn(reply.body), person.id)
      return
    }
    case 'rename':
      return patchAction({ title: next.title })
    case 'show or hide':
      return patchAction({ visibility: next.visibility })
    case 'follow':
      return patchAction({ followsPlanVisibility: next.follows })
    case 'assign':
      return patchAction({ assigneeIds: idsOf(next.assignees) })
    case 'move':
      return patchAction({ planId: at(model.plans, next.to)?.id, title: next.title })
    case 'step': {
      if (!action) return
      const assigneeId = at(new Map([...action.assignees.keys()].map((id) => [id, id])), next.assignee)
      const reply = await takeStep(person, action.id, next.step, assigneeId)
      if (isDone(reply)) model.putAction(actionIn(reply.body), person.id, 'action.status_changed')
      return
    }
    case 'note': {
      if (!action) return
      const body = { text: 'A note' }
      const reply = await call<{ id: string }>(person, 'POST', `${ACTIONS}/${action.id}/notes`, { body })
      if (!isDone(reply)) return
      cast.note = { id: reply.body.id, actionId: action.id }
      model.happened(action.id, 'note.added', person.id)
      return
    }
    case 'delete note': {
      if (!cast.note) return
      const { id, actionId } = cast.note
      if (!isDone(await call(person, 'DELETE', `${ACTIONS}/${actionId}/notes/${id}`))) return
      cast.note = null
      model.happened(actionId, 'note.deleted', person.id)
      return
    }
    case 'delete action':
      if (action && isDone(await call(person, 'DELETE', `${ACTIONS}/${action.id}`))) {
        model.deleteAction(action.id, person.id)
      }
      return
    case 'reassign': {
      const [from, to] = idsOf([next.who, next.to])
      if (!from || !to) return
      const body = { toUserId: to }
      const reply = await call(admin, 'POST', `${USERS}/${from}/reassignments`, { body })
      if (isDone(reply)) model.reassign(from, to, admin.id)
      return
    }
    case 'activity':
    case 'role': {
      const body = next.kind === 'role' ? { role: next.role } : { active: next.active }
      const reply = await call<UserView>(admin, 'PATCH', `${USERS}/${person.id}`, { body })
      if (!isDone(reply)) return
      // A deactivation ends all sessions.
      if (reply.body.active) person.session = await openSession(person)
      const isManager = reply.body.active && reply.body.role !== 'EMPLOYEE'
      cast.managers[isManager ? 'add' : 'delete'](person.id)
      return
    }
  }
}

/** Who does it: mostly whoever made the plan or action, who may; or to whom it is done, but not to the ADMIN. */
function personFor(next: Act, { plans, actions }: HistoryModel, { people }: Cast): Person | null {
  const chosen = people[next.who] ?? null
  if (next.kind === 'activity' || next.kind === 'role') return next.who === 0 ? null : chosen
  const things = next.kind.endsWith('plan') ? plans : actions
  const isOfThing = 'n' in next && next.kind !== 'create action' && next.n % 5 > 0
  const creator = isOfThing ? [...things.values()][next.n % things.size]?.createdBy : undefined
  return people.find(({ id }) => id === creator) ?? chosen
}

function planIn({ id, title, visibility, createdBy, createdAt }: ModelPlan): ModelPlan {
  return { id, title, visibility, createdBy, createdAt }
}

function actionIn(action: ActionView): ModelAction {
  const { id, planId, title, createdBy, createdAt, followsPlanVisibility } = action
  return {
    ...{ id, planId, title, createdBy: createdBy ?? '', createdAt },
    visibility: followsPlanVisibility ? null : action.visibility,
    assignees: new Map(action.assignees.map(({ userId, status }) => [userId, status])),
  }
}
