/** /api/v1/company/hierarchies */
import { created, empty, resource, sliceWithin } from '../platform/answer.ts'
import { endpoint } from '../platform/endpoint.ts'
import { requireMatch } from '../platform/entity-tag.ts'
import type { Database } from '../platform/database.ts'
import { newId, wellFormedId } from '../platform/ids.ts'
import { requireRoom } from '../platform/limits.ts'
import { type InputError, Problem, refuse } from '../platform/problem.ts'
import type { Gate } from '../platform/request.ts'
import { sliceOf } from '../platform/schemas.ts'
import type { Caller } from '../platform/session.ts'
import {
  areaBytes,
  companyTree,
  deleteHierarchy,
  hasRoomForArea,
  hierarchyById,
  hierarchyIsUnchanged,
  insertHierarchy,
  isInside,
  mayMove,
  treeSize,
  updateHierarchy,
} from './hierarchy-store.ts'
import { hierarchyPatchSchema, hierarchySchema, newHierarchySchema } from './schemas.ts'
import { depthFirst, type HierarchyRow, viewHierarchy } from './tree.ts'

const PATH = '/api/v1/company/hierarchies'
const tag = 'Hierarchies'
const oneHierarchy = { status: 200, description: 'The area', schema: hierarchySchema, tagged: true } as const

const list = endpoint({
  method: 'GET',
  path: PATH,
  operationId: 'listHierarchies',
  tag,
  summary: 'Read the whole tree of areas',
  description: 'Flat, depth first: each area is followed by those inside it.',
  access: 'manager',
  answer: { status: 200, description: 'All areas', schema: sliceOf(hierarchySchema), heavy: true },
  problems: [],
  async handle({ gate, caller, database }) {
    const { companyId } = caller
    const { rows } = await gate.readWeighed(
      (most) => [treeSize(database, companyId), companyTree(database, companyId, most)] as const,
      ([[size]]) => size?.areaBytes ?? 0,
    )
    const areas = depthFirst(rows[1])
    return sliceWithin(
      0,
      areas.length,
      areas.map((area) => [JSON.stringify(area)]),
    )
  },
})

const read = endpoint({
  method: 'GET',
  path: `${PATH}/:hierarchyId`,
  operationId: 'getHierarchy',
  tag,
  summary: 'Read an area',
  access: 'manager',
  answer: oneHierarchy,
  problems: ['NOT_FOUND'],
  async handle({ gate, caller, database, params }) {
    const { rows } = await gate.read([hierarchyById(database, caller.companyId, params.hierarchyId)] as const)
    const row = requireHierarchy(rows[0])
    return resource(viewHierarchy(row, row.children))
  },
})

const create = endpoint({
  method: 'POST',
  path: PATH,
  operationId: 'createHierarchy',
  tag,
  summary: 'Add an area',
  description: 'For an ADMIN.',
  access: 'admin',
  body: newHierarchySchema,
  alsoWrong,
  idempotent: true,
  answer: { ...oneHierarchy, description: 'The new area', located: true },
  problems: ['AREAS_FULL'],
  async handle({ gate, caller, database, body, now, idempotencyKey }) {
    const parentId = body.parentId ?? null
    const { answer } = await gate.write(
      {
        load: [
          hierarchyById(database, caller.companyId, parentId),
          treeSize(database, caller.companyId),
        ] as const,
        decide(viewer, [[parent], [size]]) {
          refuse(unknownParent(parentId, parent))
          requireRoom('areasPerCompany', size?.areaCount ?? 0, 1)
          const row: HierarchyRow = {
            id: newId(now),
            name: body.name,
            parent_id: parentId,
            revision: 1,
            created_at: now,
          }
          return {
            condition: hasRoomForArea(viewer.companyId),
            effects: [insertHierarchy(database, viewer.companyId, row)],
            adds: areaBytes(row),
            answer: created(viewHierarchy(row, 0), `${PATH}/${row.id}`),
          }
        },
      },
      idempotencyKey,
    )
    return answer
  },
})

const update = endpoint({
  method: 'PATCH',
  path: `${PATH}/:hierarchyId`,
  operationId: 'updateHierarchy',
  tag,
  summary: 'Rename or move an area',
  description: 'For an ADMIN. `toRoot: true` moves it to the top.',
  access: 'admin',
  body: hierarchyPatchSchema,
  alsoWrong,
  answer: oneHierarchy,
  problems: ['NOT_FOUND', 'HIERARCHY_CYCLE'],
  async handle({ gate, caller, database, params, body, ifMatch, now }) {
    const target = body.parentId ?? null
    const { answer } = await gate.write({
      load: [
        hierarchyById(database, caller.companyId, params.hierarchyId),
        hierarchyById(database, caller.companyId, target),
        isInside(database, target ?? '', params.hierarchyId),
      ] as const,
      async decide(_viewer, [rows, parents, inside]) {
        refuse(unknownParent(target, parents[0]))
        const { children, ...row } = requireHierarchy(rows)
        await requireMatch(ifMatch, viewHierarchy(row, children))
        if (inside.length > 0) throw new Problem('HIERARCHY_CYCLE')
        const parent_id = body.toRoot === true ? null : (target ?? row.parent_id)
        const after = { ...row, name: body.name ?? row.name, parent_id }
        const changed = JSON.stringify(after) !== JSON.stringify(row)
        return {
          condition: mayMove(row, parent_id),
          effects: changed ? [updateHierarchy(database, after, now)] : [],
          adds: areaBytes(after) - areaBytes(row),
          answer: resource(viewHierarchy(after, children)),
        }
      },
    })
    return answer
  },
})

const remove = endpoint({
  method: 'DELETE',
  path: `${PATH}/:hierarchyId`,
  operationId: 'deleteHierarchy',
  tag,
  summary: 'Delete an area',
  description: 'For an ADMIN. Not while it has areas inside; actions that target it lose just that target.',
  access: 'admin',
  answer: { status: 204, description: 'Gone' },
  problems: ['NOT_FOUND', 'HIERARCHY_NOT_EMPTY'],
  async handle({ gate, caller, database, params, ifMatch }) {
    const { answer } = await gate.write({
      load: [hierarchyById(database, caller.companyId, params.hierarchyId)] as const,
      async decide(_viewer, [rows]) {
        const row = requireHierarchy(rows)
        await requireMatch(ifMatch, viewHierarchy(row, row.children))
        if (row.children > 0) throw new Problem('HIERARCHY_NOT_EMPTY')
        return {
          condition: hierarchyIsUnchanged(row),
          effects: [deleteHierarchy(database, row)],
          answer: empty(204),
        }
      },
    })
    return answer
  },
})

/** An area that is not there, for a body that is wrong in other members already. */
async function alsoWrong(
  body: object,
  { gate, caller, database }: { gate: Gate; caller: Caller; database: Database },
): Promise<InputError[]> {
  const parentId = 'parentId' in body ? wellFormedId(body.parentId) : null
  const { rows } = await gate.read([hierarchyById(database, caller.companyId, parentId)] as const)
  return unknownParent(parentId, rows[0][0])
}

function unknownParent(parentId: string | null, found: object | undefined): InputError[] {
  return parentId === null || found ? [] : [{ path: 'parentId', message: 'must be an area of the company' }]
}

function requireHierarchy<Row>([row]: readonly Row[]): Row {
  if (!row) throw new Problem('NOT_FOUND', 'There is no such area.')
  return row
}

export const hierarchyEndpoints = [list, read, create, update, remove]
