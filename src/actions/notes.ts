/** Execution notes. Every user who may read an action may read its notes and add some. */
import { mayDeleteNote } from '../access/policy.ts'
import { type Answer, created, empty, resource, slice } from '../platform/answer.ts'
import { requireMatch } from '../platform/entity-tag.ts'
import type { IdempotencyKey } from '../platform/idempotency.ts'
import { requireRoom, ROW_BYTES } from '../platform/limits.ts'
import { newId } from '../platform/new-id.ts'
import { Problem } from '../platform/problem.ts'
import type { AuthorizedRequest } from '../platform/request.ts'
import type { Slice } from '../platform/schemas.ts'
import { jsonBytesOf } from '../platform/text.ts'
import { requireReadable } from './change.ts'
import {
  actionTakesNote,
  deleteNote,
  insertNote,
  noteById,
  noteEntry,
  noteIsThere,
  notePage,
  notePageBytes,
  type StoredNote,
} from './notes-store.ts'
import type { NewNote } from './schemas.ts'
import { actionById } from './store.ts'
import { viewNote } from './view.ts'

/** A slice of an action's notes, newest first. Throws 404 NOT_FOUND, 403 FORBIDDEN, 503 BUSY. */
export async function listNotes(request: AuthorizedRequest, actionId: string, range: Slice): Promise<Answer> {
  const { database, caller } = request
  const { viewer, rows } = await request.readWeighed(
    (most) =>
      [actionById(database, caller.companyId, actionId), notePage(database, actionId, range, most)] as const,
    ([[action]]) => (action ? notePageBytes(action.noteBytes, range) : 0),
  )
  const [[action], notes] = rows
  return slice(range.from, requireReadable(viewer, action).noteCount, notes.map(viewNote))
}

/** A note. Throws 404 NOT_FOUND, 403 FORBIDDEN. */
export async function readNote(
  request: AuthorizedRequest,
  actionId: string,
  noteId: string,
): Promise<Answer> {
  const { database, caller } = request
  const { viewer, rows } = await request.read([
    actionById(database, caller.companyId, actionId),
    noteById(database, actionId, noteId),
  ] as const)
  const [[action], [note]] = rows
  requireReadable(viewer, action)
  return resource(viewNote(requireNote(note)))
}

/**
 * Adds a note; `path` is the path of the action's notes. Throws 404 NOT_FOUND, 403 FORBIDDEN, 409 NOTES_FULL, and the
 * problems of `AuthorizedRequest.writeOnce`.
 */
export async function createNote(
  request: AuthorizedRequest,
  actionId: string,
  { text }: NewNote,
  path: string,
  key: IdempotencyKey | null,
): Promise<Answer> {
  const { database, caller, now } = request
  const bytes = jsonBytesOf(text)
  const noteOf = ({ id, authorName }: { id: string; authorName: string }, createdAt: number): StoredNote => ({
    ...{ id, actionId, authorId: caller.userId, authorName },
    ...{ text, createdAt },
  })
  const { answer } = await request.writeOnce(
    {
      load: [actionById(database, caller.companyId, actionId)] as const,
      decide(viewer, [[found]]) {
        const action = requireReadable(viewer, found)
        requireRoom('notesPerAction', action.noteCount, 1)
        requireRoom('noteBytesPerAction', action.noteBytes, bytes)
        requireRoom('noteBytesPerPlan', action.plan.noteBytes, bytes)
        const facts = { id: newId(now), authorName: viewer.name }
        return {
          condition: actionTakesNote(actionId, viewer.id, bytes),
          effects: [insertNote(database, noteOf(facts, now))],
          history: [noteEntry('note.added', action, facts.id)],
          adds: ROW_BYTES + bytes,
          facts,
        }
      },
      answer: (facts, at) => created(viewNote(noteOf(facts, at)), `${path}/${facts.id}`),
    },
    key,
  )
  return answer
}

/**
 * Deletes a note. Throws 404 NOT_FOUND, 403 FORBIDDEN, 412 PRECONDITION_FAILED, and the problems of
 * `AuthorizedRequest.write`.
 */
export async function removeNote(
  request: AuthorizedRequest,
  actionId: string,
  noteId: string,
  ifMatch: string | null,
): Promise<Answer> {
  const { database, caller } = request
  return request.write({
    load: [actionById(database, caller.companyId, actionId), noteById(database, actionId, noteId)] as const,
    async decide(viewer, [[stored], [found]]) {
      const action = requireReadable(viewer, stored)
      const note = requireNote(found)
      if (!mayDeleteNote(viewer, note)) {
        throw new Problem('FORBIDDEN', 'Only its author or an ADMIN may delete a note.')
      }
      await requireMatch(ifMatch, viewNote(note))
      return {
        condition: noteIsThere(note, viewer.id),
        effects: [deleteNote(database, note)],
        history: [noteEntry('note.deleted', action, note.id)],
        answer: empty(204),
      }
    },
  })
}

function requireNote(note: StoredNote | undefined): StoredNote {
  if (!note) throw new Problem('NOT_FOUND', 'There is no such note.')
  return note
}
