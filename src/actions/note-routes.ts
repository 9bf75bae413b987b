/** /api/v1/company/actions/{id}/notes */
import { created, empty, resource, slice } from '../platform/answer.ts'
import { endpoint } from '../platform/endpoint.ts'
import { requireMatch } from '../platform/entity-tag.ts'
import { newId } from '../platform/ids.ts'
import { requireRoom, ROW_BYTES } from '../platform/limits.ts'
import { Problem } from '../platform/problem.ts'
import { sliceOf, toSlice } from '../platform/schemas.ts'
import { jsonBytesOf } from '../platform/text.ts'
import { toIso } from '../platform/time.ts'
import { requireReadable } from './change.ts'
import {
  actionTakesNote,
  deleteNote,
  insertNote,
  noteById,
  noteIsThere,
  notePage,
  notePageBytes,
  type StoredNote,
} from './notes-store.ts'
import { newNoteSchema, noteListQuery, noteSchema, type NoteView } from './schemas.ts'
import { actionById, firstAction } from './store.ts'

const PATH = '/api/v1/company/actions/:id/notes'
const tag = 'Notes'
const oneNote = { status: 200, description: 'The note', schema: noteSchema, tagged: true } as const

function viewNote(note: StoredNote): NoteView {
  return { ...note, createdAt: toIso(note.createdAt) }
}

const list = endpoint({
  method: 'GET',
  path: PATH,
  operationId: 'listNotes',
  tag,
  summary: 'List the execution notes of an action',
  access: 'manager',
  query: noteListQuery,
  answer: {
    status: 200,
    description: 'A slice of notes, newest first',
    schema: sliceOf(noteSchema),
    heavy: true,
  },
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  async handle({ gate, caller, database, params, query }) {
    const { from, limit } = toSlice(query)
    const { viewer, rows } = await gate.readWeighed(
      (most) =>
        [
          actionById(database, caller.companyId, params.id),
          notePage(database, params.id, { from, limit }, most),
        ] as const,
      ([[action]]) => (action ? notePageBytes(action.note_bytes, { from, limit }) : 0),
    )
    const action = requireReadable(viewer, firstAction(rows[0]))
    return slice(from, action.noteCount, rows[1].map(viewNote))
  },
})

const create = endpoint({
  method: 'POST',
  path: PATH,
  operationId: 'createNote',
  tag,
  summary: 'Write an execution note',
  description: 'For whoever may read the action.',
  access: 'manager',
  body: newNoteSchema,
  idempotent: true,
  answer: { ...oneNote, description: 'The new note', located: true },
  problems: ['FORBIDDEN', 'NOT_FOUND', 'NOTES_FULL'],
  async handle({ gate, caller, database, params, body, now, idempotencyKey }) {
    const { answer } = await gate.write(
      {
        load: [actionById(database, caller.companyId, params.id)] as const,
        decide(viewer, [actions]) {
          const action = requireReadable(viewer, firstAction(actions))
          const bytes = jsonBytesOf(body.text)
          requireRoom('notesPerAction', action.noteCount, 1)
          requireRoom('noteBytesPerAction', action.noteBytes, bytes)
          requireRoom('noteBytesPerPlan', action.plan.noteBytes, bytes)
          const note: StoredNote = {
            id: newId(now),
            actionId: action.id,
            authorId: viewer.id,
            authorName: viewer.name,
            text: body.text,
            createdAt: now,
          }
          return {
            condition: actionTakesNote(action.id, viewer.id, bytes),
            effects: [insertNote(database, note)],
            adds: ROW_BYTES + bytes,
            answer: created(viewNote(note), `/api/v1/company/actions/${action.id}/notes/${note.id}`),
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
  path: `${PATH}/:noteId`,
  operationId: 'getNote',
  tag,
  summary: 'Read an execution note',
  access: 'manager',
  answer: oneNote,
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  async handle({ gate, caller, database, params }) {
    const { viewer, rows } = await gate.read([
      actionById(database, caller.companyId, params.id),
      noteById(database, params.id, params.noteId),
    ] as const)
    requireReadable(viewer, firstAction(rows[0]))
    return resource(viewNote(requireNote(rows[1])))
  },
})

const remove = endpoint({
  method: 'DELETE',
  path: `${PATH}/:noteId`,
  operationId: 'deleteNote',
  tag,
  summary: 'Delete an execution note',
  description: 'For its author or an ADMIN, who may read the action.',
  access: 'manager',
  answer: { status: 204, description: 'Gone' },
  problems: ['FORBIDDEN', 'NOT_FOUND'],
  async handle({ gate, caller, database, params, ifMatch }) {
    const { answer } = await gate.write({
      load: [
        actionById(database, caller.companyId, params.id),
        noteById(database, params.id, params.noteId),
      ] as const,
      async decide(viewer, [actions, notes]) {
        requireReadable(viewer, firstAction(actions))
        const note = requireNote(notes)
        if (note.authorId !== viewer.id && viewer.role !== 'ADMIN') {
          throw new Problem('FORBIDDEN', 'Only its author or an ADMIN may delete a note.')
        }
        await requireMatch(ifMatch, viewNote(note))
        return {
          condition: noteIsThere(note, viewer.id),
          effects: [deleteNote(database, note)],
          answer: empty(204),
        }
      },
    })
    return answer
  },
})

function requireNote([note]: readonly StoredNote[]): StoredNote {
  if (!note) throw new Problem('NOT_FOUND', 'There is no such note.')
  return note
}

export const noteEndpoints = [list, create, read, remove]
