/** /api/v1/company/actions/{id}/notes */
import { endpoint } from '../platform/endpoint.ts'
import { DEMO } from '../platform/demo.ts'
import { exampleSlice, sliceOf, toSlice } from '../platform/schemas.ts'
import { exampleCreatedNote, exampleNewNote, exampleNote } from './examples.ts'
import { createNote, listNotes, readNote, removeNote } from './notes.ts'
import { newNoteSchema, noteListQuery, noteSchema } from './schemas.ts'

const PATH = '/api/v1/company/actions/:id/notes'
const tag = 'Notes'
const oneNote = { status: 200, description: 'The note', schema: noteSchema, tagged: true } as const

const list = endpoint({
  method: 'GET',
  path: PATH,
  operationId: 'listNotes',
  tag,
  summary: 'List the execution notes of an action',
  description: 'For whoever may read the action.',
  access: 'manager',
  openToKeys: true,
  query: noteListQuery,
  example: { path: { id: DEMO.action } },
  answer: {
    status: 200,
    description: 'A slice of notes, newest first',
    schema: sliceOf(noteSchema),
    example: exampleSlice(exampleNote),
    heavy: true,
  },
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  handle: ({ request, params, query }) => listNotes(request, params.id, toSlice(query)),
})

const create = endpoint({
  method: 'POST',
  path: PATH,
  operationId: 'createNote',
  tag,
  summary: 'Write an execution note',
  description: 'For whoever may read the action.',
  access: 'manager',
  openToKeys: true,
  body: newNoteSchema,
  idempotent: true,
  example: { path: { id: DEMO.action }, body: exampleNewNote },
  answer: { ...oneNote, example: exampleCreatedNote, description: 'The new note', located: true },
  problems: ['FORBIDDEN', 'NOT_FOUND', 'NOTES_FULL'],
  handle: ({ request, params, body, idempotencyKey }) =>
    createNote(request, params.id, body, PATH.replace(':id', params.id), idempotencyKey),
})

const read = endpoint({
  method: 'GET',
  path: `${PATH}/:noteId`,
  operationId: 'getNote',
  tag,
  summary: 'Read an execution note',
  description: 'For whoever may read the action.',
  access: 'manager',
  openToKeys: true,
  example: { path: { id: DEMO.action, noteId: DEMO.note } },
  answer: { ...oneNote, example: exampleNote },
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  handle: ({ request, params }) => readNote(request, params.id, params.noteId),
})

const remove = endpoint({
  method: 'DELETE',
  path: `${PATH}/:noteId`,
  operationId: 'deleteNote',
  tag,
  summary: 'Delete an execution note',
  description: 'For its author or an ADMIN, who may read the action.',
  access: 'manager',
  openToKeys: true,
  example: { path: { id: DEMO.action, noteId: DEMO.spareNote } },
  answer: { status: 204, description: 'Gone' },
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  handle: ({ request, params, ifMatch }) => removeNote(request, params.id, params.noteId, ifMatch),
})

export const noteEndpoints = [list, create, read, remove]
