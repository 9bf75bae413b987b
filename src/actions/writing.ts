/** Writes actions. Each function loads the rows for its decision and decides with the pure functions of change.ts. */
import { type Answer, created, empty, resource } from '../platform/answer.ts'
import { requireMatch } from '../platform/entity-tag.ts'
import type { IdempotencyKey } from '../platform/idempotency.ts'
import { wellFormedId } from '../platform/ids.ts'
import { ROW_BYTES } from '../platform/limits.ts'
import { newId } from '../platform/new-id.ts'
import { type InputError, throwIfInvalid } from '../platform/problem.ts'
import type { AuthorizedRequest } from '../platform/request.ts'
import {
  contradictions,
  type Found,
  type NamedIds,
  namedIds,
  unknownAssignee,
  unknownMembers,
} from './against-stored.ts'
import {
  decideNewAction,
  newAction,
  patched,
  requireChangeable,
  requirePatchable,
  requireReadable,
  transitioned,
} from './change.ts'
import {
  deleteAction,
  hierarchiesNamed,
  insertAction,
  isStillAddable,
  isStillPossible,
  isUnchangedInRow,
  isUnchangedInTree,
  planForAction,
  updateAction,
  usersNamed,
} from './change-store.ts'
import { actionCreated, actionDeleted, actionUpdated } from './history.ts'
import type { ActionPatch, NewAction, Transition } from './schemas.ts'
import { actionById } from './store.ts'
import { viewAction } from './view.ts'

/** Statements that look up the ids in a request. */
function namedBy({ database, caller: { companyId } }: AuthorizedRequest, ids: NamedIds) {
  return [
    planForAction(database, companyId, ids.planId ?? null),
    usersNamed(database, companyId, ids.assigneeIds ?? []),
    hierarchiesNamed(database, companyId, ids.hierarchyIds ?? []),
  ] as const
}

type NamedRows = [NonNullable<Found['plan']>[], Found['users'], Found['hierarchies']]

function foundIn([[plan], users, hierarchies]: NamedRows): Found {
  return { plan, users, hierarchies }
}

/**
 * Creates an action; `path` is the path of all actions. Throws 400 VALIDATION_FAILED for ids that refer to nothing and for
 * contradictions, 403 FORBIDDEN, 409 PLAN_FULL, and the problems of `AuthorizedRequest.writeOnce`.
 */
export async function createAction(
  request: AuthorizedRequest,
  body: NewAction,
  path: string,
  key: IdempotencyKey | null,
): Promise<Answer> {
  const { database, now } = request
  const { answer } = await request.writeOnce(
    {
      load: namedBy(request, body),
      decide(viewer, rows, { timeZone }) {
        const setting = { id: newId(now), now, timeZone }
        const { action, facts } = decideNewAction(viewer, body, foundIn(rows), setting)
        return {
          condition: isStillAddable(action),
          effects: insertAction(database, action),
          history: [actionCreated(action)],
          adds: ROW_BYTES + action.contentBytes,
          facts,
        }
      },
      answer(facts, at, viewer) {
        const action = newAction(viewer, body, facts, { visibility: facts.planVisibility }, at)
        return created(viewAction(action, at), `${path}/${facts.id}`)
      },
    },
    key,
  )
  return answer
}

/**
 * Changes an action. Throws 400 VALIDATION_FAILED for ids that refer to nothing and for contradictions, 404 NOT_FOUND, 403
 * FORBIDDEN, 412 PRECONDITION_FAILED, 409 PLAN_FULL or NOTES_FULL, and the problems of `AuthorizedRequest.write`.
 */
export async function patchAction(
  request: AuthorizedRequest,
  actionId: string,
  patch: ActionPatch,
  ifMatch: string | null,
): Promise<Answer> {
  const { database, caller, now } = request
  return request.write({
    load: [actionById(database, caller.companyId, actionId), ...namedBy(request, patch)] as const,
    async decide(viewer, [[action], ...rows], { timeZone }) {
      const found = foundIn(rows)
      const before = requirePatchable(viewer, action, patch, found, now)
      await requireMatch(ifMatch, viewAction(before, now))
      const after = patched(before, patch, found, { now, timeZone })
      return {
        condition: isStillPossible(before, after, ifMatch !== null),
        effects: after === before ? [] : updateAction(database, before, after),
        history: actionUpdated(before, after, 'action.updated', now),
        adds: after.contentBytes - before.contentBytes,
        answer: resource(viewAction(after, now)),
      }
    },
  })
}

/**
 * Deletes an action with its notes. Throws 404 NOT_FOUND, 403 FORBIDDEN, 412 PRECONDITION_FAILED, and the problems of
 * `AuthorizedRequest.write`.
 */
export async function removeAction(
  request: AuthorizedRequest,
  actionId: string,
  ifMatch: string | null,
): Promise<Answer> {
  const { database, caller, now } = request
  return request.write({
    load: [actionById(database, caller.companyId, actionId)] as const,
    async decide(viewer, [[found]]) {
      const action = requireChangeable(viewer, found)
      await requireMatch(ifMatch, viewAction(action, now))
      return {
        condition: ifMatch === null ? isUnchangedInRow(action) : isUnchangedInTree(action),
        effects: [deleteAction(database, action)],
        history: [actionDeleted(action)],
        answer: empty(204),
      }
    },
  })
}

/**
 * Takes a step of one assignee. Throws 400 VALIDATION_FAILED for an assignee who is no user, 404 NOT_FOUND, 403
 * FORBIDDEN, 409 NOT_AN_ASSIGNEE or ILLEGAL_TRANSITION, and the problems of `AuthorizedRequest.write`.
 */
export async function transitionAction(
  request: AuthorizedRequest,
  actionId: string,
  { to, assigneeId }: Transition,
): Promise<Answer> {
  const { database, caller, now } = request
  const userId = assigneeId ?? caller.userId
  return request.write({
    load: [
      actionById(database, caller.companyId, actionId),
      usersNamed(database, caller.companyId, [userId]),
    ] as const,
    decide(viewer, [[action], users]) {
      throwIfInvalid(unknownAssignee(userId, users))
      const before = requireReadable(viewer, action)
      const after = transitioned(viewer, before, to, userId, now)
      return {
        condition: isUnchangedInRow(before),
        effects: after === before ? [] : updateAction(database, before, after),
        history: actionUpdated(before, after, 'action.status_changed', now),
        answer: resource(viewAction(after, now)),
      }
    },
  })
}

/** Errors for ids that refer to nothing and for contradictions, in the body of a POST or PATCH that is invalid otherwise. */
export async function validateAgainstStored(
  request: AuthorizedRequest,
  body: object,
  { id }: { id?: string },
): Promise<InputError[]> {
  const { database, caller, now } = request
  const named = namedIds(body)
  const { viewer, rows } = await request.read([
    actionById(database, caller.companyId, id ?? ''),
    ...namedBy(request, named),
  ] as const)
  const [[action], ...others] = rows
  const found = foundIn(others)
  return [
    ...unknownMembers(viewer, named, found, action),
    ...contradictions(viewer, body, found, action, now),
  ]
}

/** The error for an unknown assignee, in the body of a transition that is invalid in other ways. */
export async function validateAssignee(request: AuthorizedRequest, body: object): Promise<InputError[]> {
  const { database, caller } = request
  const assigneeId = 'assigneeId' in body ? wellFormedId(body.assigneeId) : null
  const { rows } = await request.read([usersNamed(database, caller.companyId, [assigneeId ?? ''])] as const)
  return assigneeId === null ? [] : unknownAssignee(assigneeId, rows[0])
}
