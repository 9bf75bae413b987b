/** /api/v1/company/hierarchies */
import { endpoint } from '../platform/endpoint.ts'
import { DEMO } from '../platform/demo.ts'
import { exampleSlice, sliceOf } from '../platform/schemas.ts'
import { exampleArea, exampleAreaPatch, exampleCreatedArea, exampleNewArea } from './examples.ts'
import {
  createHierarchy,
  listHierarchies,
  patchHierarchy,
  readHierarchy,
  removeHierarchy,
  validateParent,
} from './hierarchies.ts'
import { hierarchyPatchSchema, hierarchySchema, newHierarchySchema } from './schemas.ts'

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
  openToKeys: true,
  answer: {
    status: 200,
    description: 'All areas',
    schema: sliceOf(hierarchySchema),
    example: exampleSlice(exampleArea),
    heavy: true,
  },
  problems: [],
  handle: ({ request }) => listHierarchies(request),
})

const read = endpoint({
  method: 'GET',
  path: `${PATH}/:hierarchyId`,
  operationId: 'getHierarchy',
  tag,
  summary: 'Read an area',
  description: 'With the number of areas directly inside it.',
  access: 'manager',
  openToKeys: true,
  example: { path: { hierarchyId: DEMO.area } },
  answer: { ...oneHierarchy, example: exampleArea },
  problems: ['NOT_FOUND'],
  handle: ({ request, params }) => readHierarchy(request, params.hierarchyId),
})

const create = endpoint({
  method: 'POST',
  path: PATH,
  operationId: 'createHierarchy',
  tag,
  summary: 'Add an area',
  description: 'For an ADMIN.',
  access: 'admin',
  openToKeys: true,
  body: newHierarchySchema,
  validateReferences: validateParent,
  idempotent: true,
  example: { body: exampleNewArea },
  answer: { ...oneHierarchy, example: exampleCreatedArea, description: 'The new area', located: true },
  problems: ['AREAS_FULL'],
  handle: ({ request, body, idempotencyKey }) => createHierarchy(request, body, PATH, idempotencyKey),
})

const update = endpoint({
  method: 'PATCH',
  path: `${PATH}/:hierarchyId`,
  operationId: 'updateHierarchy',
  tag,
  summary: 'Rename or move an area',
  description: 'For an ADMIN. `toRoot: true` moves it to the top.',
  access: 'admin',
  openToKeys: true,
  body: hierarchyPatchSchema,
  validateReferences: validateParent,
  example: { path: { hierarchyId: DEMO.area }, body: exampleAreaPatch },
  answer: { ...oneHierarchy, example: exampleArea },
  problems: ['NOT_FOUND', 'HIERARCHY_CYCLE'],
  handle: ({ request, params, body, ifMatch }) => patchHierarchy(request, params.hierarchyId, body, ifMatch),
})

const remove = endpoint({
  method: 'DELETE',
  path: `${PATH}/:hierarchyId`,
  operationId: 'deleteHierarchy',
  tag,
  summary: 'Delete an area',
  description: 'For an ADMIN. Not while it has areas inside; actions that target it lose just that target.',
  access: 'admin',
  openToKeys: true,
  example: { path: { hierarchyId: DEMO.spareArea } },
  answer: { status: 204, description: 'Gone' },
  problems: ['NOT_FOUND', 'HIERARCHY_NOT_EMPTY'],
  handle: ({ request, params, ifMatch }) => removeHierarchy(request, params.hierarchyId, ifMatch),
})

export const hierarchyEndpoints = [list, read, create, update, remove]
