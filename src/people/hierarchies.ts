/** Reads and writes hierarchies, which users see as areas of the company. */
import { type Answer, created, empty, resource, sliceWithin } from '../platform/answer.ts'
import { requireMatch } from '../platform/entity-tag.ts'
import type { IdempotencyKey } from '../platform/idempotency.ts'
import { wellFormedId } from '../platform/ids.ts'
import { requireRoom } from '../platform/limits.ts'
import { newId } from '../platform/new-id.ts'
import { type InputError, Problem, throwIfInvalid } from '../platform/problem.ts'
import type { AuthorizedRequest } from '../platform/request.ts'
import {
  companyTree,
  deleteHierarchy,
  findInside,
  hasRoomForHierarchy,
  hierarchyById,
  hierarchyBytes,
  hierarchyIsUnchanged,
  insertHierarchy,
  lostTargets,
  mayMove,
  type StoredHierarchy,
  treeSize,
  updateHierarchy,
} from './hierarchy-store.ts'
import type { HierarchyPatch, NewHierarchy } from './schemas.ts'
import { depthFirst } from './tree.ts'
import { viewHierarchy } from './view.ts'

/** All hierarchies of the company, depth first. Throws 503 BUSY. */
export async function listHierarchies(request: AuthorizedRequest): Promise<Answer> {
  const { database, caller } = request
  const { rows } = await request.readWeighed(
    (most) => [treeSize(database, caller.companyId), companyTree(database, caller.companyId, most)] as const,
    ([[size]]) => size?.bytes ?? 0,
  )
  const hierarchies = depthFirst(rows[1])
  return sliceWithin(
    0,
    hierarchies.length,
    hierarchies.map((hierarchy) => [JSON.stringify(hierarchy)]),
  )
}

/** A hierarchy. Throws 404 NOT_FOUND. */
export async function readHierarchy(request: AuthorizedRequest, hierarchyId: string): Promise<Answer> {
  const { database, caller } = request
  const { rows } = await request.read([hierarchyById(database, caller.companyId, hierarchyId)] as const)
  const hierarchy = requireHierarchy(rows[0][0])
  return resource(viewHierarchy(hierarchy, hierarchy.childCount))
}

/**
 * Adds a hierarchy; `path` is the path of all hierarchies. Throws 400 VALIDATION_FAILED for an unknown parent, 409
 * AREAS_FULL, and the problems of `AuthorizedRequest.writeOnce`.
 */
export async function createHierarchy(
  request: AuthorizedRequest,
  body: NewHierarchy,
  path: string,
  key: IdempotencyKey | null,
): Promise<Answer> {
  const { database, caller, now } = request
  const { companyId } = caller
  const parentId = body.parentId ?? null
  const hierarchyOf = (id: string, createdAt: number): StoredHierarchy => ({
    ...{ id, companyId, parentId, name: body.name, revision: 1, createdAt },
  })
  const { answer } = await request.writeOnce(
    {
      load: [hierarchyById(database, companyId, parentId), treeSize(database, companyId)] as const,
      decide(_viewer, [[parent], [size]]) {
        throwIfInvalid(unknownParent(parentId, parent))
        requireRoom('areasPerCompany', size?.count ?? 0, 1)
        const hierarchy = hierarchyOf(newId(now), now)
        return {
          condition: hasRoomForHierarchy(companyId),
          effects: [insertHierarchy(database, hierarchy)],
          history: [],
          adds: hierarchyBytes(hierarchy),
          facts: { id: hierarchy.id },
        }
      },
      answer: ({ id }, at) => created(viewHierarchy(hierarchyOf(id, at), 0), `${path}/${id}`),
    },
    key,
  )
  return answer
}

/**
 * Renames or moves a hierarchy. Throws 400 VALIDATION_FAILED for an unknown parent, 404 NOT_FOUND, 412
 * PRECONDITION_FAILED, 409 HIERARCHY_CYCLE, and the problems of `AuthorizedRequest.write`.
 */
export async function patchHierarchy(
  request: AuthorizedRequest,
  hierarchyId: string,
  patch: HierarchyPatch,
  ifMatch: string | null,
): Promise<Answer> {
  const { database, caller, now } = request
  const target = patch.parentId ?? null
  return request.write({
    load: [
      hierarchyById(database, caller.companyId, hierarchyId),
      hierarchyById(database, caller.companyId, target),
      findInside(database, target ?? '', hierarchyId),
    ] as const,
    async decide(_viewer, [[found], [parent], inside]) {
      throwIfInvalid(unknownParent(target, parent))
      const { childCount, ...before } = requireHierarchy(found)
      await requireMatch(ifMatch, viewHierarchy(before, childCount))
      if (inside.length > 0) throw new Problem('HIERARCHY_CYCLE')
      const after = patchedHierarchy(before, patch)
      return {
        condition: mayMove(before, after.parentId),
        effects: after === before ? [] : [updateHierarchy(database, before, after, now)],
        history: [],
        adds: hierarchyBytes(after) - hierarchyBytes(before),
        answer: resource(viewHierarchy(after, childCount)),
      }
    },
  })
}

/**
 * Deletes a hierarchy. Throws 404 NOT_FOUND, 412 PRECONDITION_FAILED, 409 HIERARCHY_NOT_EMPTY, and the problems of
 * `AuthorizedRequest.write`.
 */
export async function removeHierarchy(
  request: AuthorizedRequest,
  hierarchyId: string,
  ifMatch: string | null,
): Promise<Answer> {
  const { database, caller } = request
  return request.write({
    load: [hierarchyById(database, caller.companyId, hierarchyId)] as const,
    async decide(_viewer, [[found]]) {
      const hierarchy = requireHierarchy(found)
      await requireMatch(ifMatch, viewHierarchy(hierarchy, hierarchy.childCount))
      if (hierarchy.childCount > 0) throw new Problem('HIERARCHY_NOT_EMPTY')
      return {
        condition: hierarchyIsUnchanged(hierarchy),
        effects: [deleteHierarchy(database, hierarchy)],
        history: [lostTargets(hierarchy)],
        answer: empty(204),
      }
    },
  })
}

/** The error for an unknown parent, in the body of a POST or PATCH that is invalid in other ways. */
export async function validateParent(request: AuthorizedRequest, body: object): Promise<InputError[]> {
  const { database, caller } = request
  const parentId = 'parentId' in body ? wellFormedId(body.parentId) : null
  const { rows } = await request.read([hierarchyById(database, caller.companyId, parentId)] as const)
  return unknownParent(parentId, rows[0][0])
}

/** The hierarchy after the patch, or the same object if nothing changes. */
function patchedHierarchy(
  hierarchy: StoredHierarchy,
  { name, parentId, toRoot }: HierarchyPatch,
): StoredHierarchy {
  const after = {
    ...hierarchy,
    name: name ?? hierarchy.name,
    parentId: toRoot === true ? null : (parentId ?? hierarchy.parentId),
  }
  return JSON.stringify(after) === JSON.stringify(hierarchy) ? hierarchy : after
}

function unknownParent(parentId: string | null, found: object | undefined): InputError[] {
  return parentId === null || found ? [] : [{ path: 'parentId', message: 'must be an area of the company' }]
}

function requireHierarchy<Found>(found: Found | undefined): Found {
  if (!found) throw new Problem('NOT_FOUND', 'There is no such area.')
  return found
}
