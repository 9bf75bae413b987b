/** /api/v1/company/actions */
import { created, empty, resource } from '../platform/answer.ts'
import type { Database } from '../platform/database.ts'
import { endpoint } from '../platform/endpoint.ts'
import { requireMatch } from '../platform/entity-tag.ts'
import { wellFormedId } from '../platform/ids.ts'
import { ROW_BYTES } from '../platform/limits.ts'
import { type InputError, refuse } from '../platform/problem.ts'
import type { Gate } from '../platform/request.ts'
import type { Caller } from '../platform/session.ts'
import { sliceOf, toSlice } from '../platform/schemas.ts'
import {
  type Found,
  namedIds,
  newAction,
  patched,
  requireAddable,
  requireChangeable,
  requireKnown,
  requireReadable,
  transitioned,
  unknownAssignee,
  unknownMembers,
} from './change.ts'
import {
  allHold,
  areAssignable,
  deleteAction,
  hierarchiesNamed,
  insertAction,
  isUnchanged,
  planForAction,
  planHasBytes,
  planHasRoom,
  updateAction,
  usersNamed,
} from './change-store.ts'
import { listActions } from './reading.ts'
import {
  actionListQuery,
  actionPatchSchema,
  actionSchema,
  newActionSchema,
  transitionSchema,
} from './schemas.ts'
import type { actionPage } from './store.ts'
import { actionById, firstAction } from './store.ts'
import { viewAction } from './view.ts'

const PATH = '/api/v1/company/actions'
const tag = 'Actions'
const oneAction = { status: 200, description: 'The action', schema: actionSchema, tagged: true } as const

const list = endpoint({
  method: 'GET',
  path: PATH,
  operationId: 'listActions',
  tag,
  summary: 'List actions',
  description: 'A slice of the actions you may read, newest first. All filters given must hold at once.',
  access: 'manager',
  query: actionListQuery,
  answer: { status: 200, description: 'A slice of actions', schema: sliceOf(actionSchema), heavy: true },
  problems: [],
  async handle({ gate, caller, database, query, now }) {
    const { from, limit } = toSlice(query)
    const look = { companyId: caller.companyId, userId: caller.userId, now }
    return listActions({ gate, database, look }, filterOf(query), { from, limit })
  },
})

function filterOf({
  from: _from,
  to: _to,
  ...filter
}: { from?: unknown; to?: unknown } & Parameters<typeof actionPage>[1]) {
  return filter
}

const create = endpoint({
  method: 'POST',
  path: PATH,
  operationId: 'createAction',
  tag,
  summary: 'Create an action in a plan',
  description: 'Whoever may read a plan may add actions to it.',
  access: 'manager',
  body: newActionSchema,
  alsoWrong,
  idempotent: true,
  answer: { ...oneAction, description: 'The new action', located: true },
  problems: ['FORBIDDEN', 'PLAN_FULL'],
  async handle({ gate, caller, database, body, now, idempotencyKey }) {
    const { companyId } = caller
    const { answer } = await gate.write(
      {
        load: [
          planForAction(database, companyId, body.planId),
          usersNamed(database, companyId, body.assigneeIds ?? []),
          hierarchiesNamed(database, companyId, body.hierarchyIds ?? []),
        ] as const,
        decide(viewer, [plans, users, hierarchies]) {
          const action = newAction(viewer, body, toFound(plans, users, hierarchies), now)
          return {
            condition: allHold([
              ...plans.map((plan) => planHasRoom(plan, action)),
              areAssignable(
                companyId,
                action.assignees.map(({ userId }) => userId),
              ),
            ]),
            effects: insertAction(database, action),
            adds: ROW_BYTES + action.contentBytes,
            answer: created(viewAction(action, now), `${PATH}/${action.id}`),
          }
        },
      },
      idempotencyKey,
    )
    return answer
  },
})

const read = endpoint({
  method: 'GET',
  path: `${PATH}/:id`,
  operationId: 'getAction',
  tag,
  summary: 'Read an action',
  access: 'manager',
  answer: oneAction,
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  async handle({ gate, caller, database, params, now }) {
    const { viewer, rows } = await gate.read([actionById(database, caller.companyId, params.id)] as const)
    return resource(viewAction(requireReadable(viewer, firstAction(rows[0])), now))
  },
})

const update = endpoint({
  method: 'PATCH',
  path: `${PATH}/:id`,
  operationId: 'updateAction',
  tag,
  summary: 'Change an action',
  description:
    "For its creator, the plan's creator or an ADMIN who may read it. Assignees who stay keep their state; `planId` moves it.",
  access: 'manager',
  body: actionPatchSchema,
  alsoWrong,
  answer: oneAction,
  problems: ['FORBIDDEN', 'NOT_FOUND', 'PLAN_FULL', 'NOTES_FULL'],
  async handle({ gate, caller, database, params, body, ifMatch, now }) {
    const { companyId } = caller
    const { answer } = await gate.write({
      load: [
        actionById(database, companyId, params.id),
        planForAction(database, companyId, body.planId ?? null),
        usersNamed(database, companyId, body.assigneeIds ?? []),
        hierarchiesNamed(database, companyId, body.hierarchyIds ?? []),
      ] as const,
      async decide(viewer, [actions, plans, users, hierarchies]) {
        const found = toFound(plans, users, hierarchies)
        const before = firstAction(actions)
        requireKnown(viewer, body, found, before)
        const action = requireChangeable(viewer, before)
        if (found.plan?.id !== action.planId) requireAddable(viewer, found.plan)
        await requireMatch(ifMatch, viewAction(action, now))
        const after = patched(action, body, found, now)
        const added = after.assignees.filter(
          ({ userId }) => !action.assignees.some((old) => old.userId === userId),
        )
        const grownBy = after.contentBytes - action.contentBytes
        const moved = plans.filter(({ id }) => id !== action.planId)
        return {
          condition: allHold([
            isUnchanged(action, ifMatch !== null),
            areAssignable(
              companyId,
              added.map(({ userId }) => userId),
            ),
            ...moved.map((plan) => planHasRoom(plan, after)),
            ...(moved.length > 0 ? [] : [planHasBytes(action.planId, grownBy)]),
          ]),
          effects: after === action ? [] : updateAction(database, action, after),
          adds: grownBy,
          answer: resource(viewAction(after, now)),
        }
      },
    })
    return answer
  },
})

const remove = endpoint({
  method: 'DELETE',
  path: `${PATH}/:id`,
  operationId: 'deleteAction',
  tag,
  summary: 'Delete an action with its notes',
  access: 'manager',
  answer: { status: 204, description: 'Gone' },
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  async handle({ gate, caller, database, params, ifMatch, now }) {
    const { answer } = await gate.write({
      load: [actionById(database, caller.companyId, params.id)] as const,
      async decide(viewer, [actions]) {
        const action = requireChangeable(viewer, firstAction(actions))
        await requireMatch(ifMatch, viewAction(action, now))
        return {
          condition: isUnchanged(action, ifMatch !== null),
          effects: deleteAction(database, action),
          answer: empty(204),
        }
      },
    })
    return answer
  },
})

const transition = endpoint({
  method: 'POST',
  path: `${PATH}/:id/transitions`,
  operationId: 'transitionAction',
  tag,
  summary: "Take an assignee's next step",
  description:
    "One's own state, or anyone's for the action's creator or an ADMIN who may read it, who alone reopen what is terminal.",
  access: 'manager',
  body: transitionSchema,
  async alsoWrong(body, { gate, caller, database }) {
    const assigneeId = 'assigneeId' in body ? wellFormedId(body.assigneeId) : null
    const { rows } = await gate.read([usersNamed(database, caller.companyId, [assigneeId ?? ''])] as const)
    return assigneeId === null ? [] : unknownAssignee(assigneeId, rows[0])
  },
  answer: oneAction,
  problems: ['FORBIDDEN', 'NOT_FOUND', 'NOT_AN_ASSIGNEE', 'ILLEGAL_TRANSITION'],
  async handle({ gate, caller, database, params, body, now }) {
    const assigneeId = body.assigneeId ?? caller.userId
    const { answer } = await gate.write({
      load: [
        actionById(database, caller.companyId, params.id),
        usersNamed(database, caller.companyId, [assigneeId]),
      ] as const,
      decide(viewer, [actions, users]) {
        refuse(unknownAssignee(assigneeId, users))
        const action = requireReadable(viewer, firstAction(actions))
        const after = transitioned(viewer, action, body.to, assigneeId, now)
        return {
          condition: isUnchanged(action, false),
          effects: after === action ? [] : updateAction(database, action, after),
          answer: resource(viewAction(after, now)),
        }
      },
    })
    return answer
  },
})

/** Ids that refer to nothing, for a body that is wrong in other members already. */
async function alsoWrong(
  body: object,
  {
    gate,
    caller,
    database,
    params,
  }: { gate: Gate; caller: Caller; database: Database; params: { id?: string } },
): Promise<InputError[]> {
  const named = namedIds(body)
  const { viewer, rows } = await gate.read([
    planForAction(database, caller.companyId, named.planId ?? null),
    usersNamed(database, caller.companyId, named.assigneeIds ?? []),
    hierarchiesNamed(database, caller.companyId, named.hierarchyIds ?? []),
    actionById(database, caller.companyId, params.id ?? ''),
  ] as const)
  const [plans, users, hierarchies, actions] = rows
  return unknownMembers(viewer, named, toFound(plans, users, hierarchies), firstAction(actions))
}

type PlanRow = Awaited<ReturnType<typeof planForAction>>[number]

function toFound(plans: readonly PlanRow[], users: Found['users'], hierarchies: Found['hierarchies']): Found {
  const [plan] = plans
  return {
    users,
    hierarchies,
    plan: plan && {
      id: plan.id,
      visibility: plan.visibility,
      createdBy: plan.created_by,
      actionCount: plan.action_count,
      contentBytes: plan.content_bytes,
      noteBytes: plan.note_bytes,
    },
  }
}

export const actionEndpoints = [list, create, read, update, remove, transition]
