/** Reads and writes execution notes. */
import { and, desc, eq, type SQL, sql } from 'drizzle-orm'
import { actionIsReadableBy } from '../access/store.ts'
import { allOf, type RowOf, select } from '../db/rows.ts'
import { actions, notes, plans, users } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import { entryBytes } from '../platform/history.ts'
import { entriesFrom, type EntrySet } from '../platform/history-store.ts'
import { LIMITS } from '../platform/limits.ts'
import type { Slice } from '../platform/schemas.ts'
import type { Statement } from '../platform/write.ts'
import type { StoredAction } from './store.ts'

const NOTE = {
  id: notes.id,
  actionId: notes.actionId,
  authorId: notes.authorId,
  authorName: users.name,
  text: notes.text,
  createdAt: notes.createdAt,
}

export type StoredNote = RowOf<typeof NOTE>

function notesWhere(database: Database, condition: SQL) {
  return select(database, NOTE).from(notes).innerJoin(users, eq(users.id, notes.authorId)).where(condition)
}

/** Upper bounds for a note in an answer, in bytes: 5,000 characters of four bytes, and all its other members. */
const LONGEST_TEXT = 20_000
const OTHER_MEMBERS = 500

/** The largest weight of a page of an action's notes, in bytes. */
export function notePageBytes(noteBytes: number, { limit }: Slice): number {
  return Math.min(noteBytes, LONGEST_TEXT * limit) + OTHER_MEMBERS * limit
}

/** A page of an action's notes, newest first; no rows if it could weigh more than `most` bytes. */
export function notePage(database: Database, actionId: string, { from, limit }: Slice, most: number) {
  const weight = sql`(SELECT min(${actions.noteBytes}, ${LONGEST_TEXT * limit}) FROM ${actions}
    WHERE ${eq(actions.id, actionId)})`
  return notesWhere(
    database,
    allOf([eq(notes.actionId, actionId), sql`${weight} <= ${most - OTHER_MEMBERS * limit}`]),
  )
    .orderBy(desc(notes.createdAt), desc(notes.id))
    .limit(limit)
    .offset(from)
}

export function noteById(database: Database, actionId: string, noteId: string) {
  return notesWhere(database, allOf([eq(notes.id, noteId), eq(notes.actionId, actionId)]))
}

/** Holds while the user may read the action, and the action and its plan have room for a note of so many bytes. */
export function actionTakesNote(actionId: string, userId: string, bytes: number): SQL {
  return sql`EXISTS (
    SELECT 1 FROM ${actions} JOIN ${plans} ON ${eq(plans.id, actions.planId)}
      WHERE ${eq(actions.id, actionId)} AND ${actionIsReadableBy(userId)}
      AND ${actions.noteCount} < ${LIMITS.notesPerAction.most}
      AND ${actions.noteBytes} + ${bytes} <= ${LIMITS.noteBytesPerAction.most}
      AND ${plans.noteBytes} + ${bytes} <= ${LIMITS.noteBytesPerPlan.most})`
}

/** Holds while the note exists and the user may read its action. */
export function noteIsThere({ id, actionId }: StoredNote, userId: string): SQL {
  return sql`EXISTS (SELECT 1 FROM ${notes} JOIN ${actions} ON ${eq(actions.id, notes.actionId)}
    WHERE ${eq(notes.id, id)} AND ${eq(actions.id, actionId)} AND ${actionIsReadableBy(userId)})`
}

/**
 * The entry of a note, made from the action as it is when the note is written: a note does not wait for the action's own
 * changes.
 */
export function noteEntry(
  type: 'note.added' | 'note.deleted',
  { id, companyId, title }: StoredAction,
  noteId: string,
): EntrySet {
  const [before, after] = type === 'note.added' ? [null, noteId] : [noteId, null]
  const changes = { noteId: { before, after } }
  return entriesFrom(
    {
      companyId,
      type,
      planId: actions.planId,
      actionId: actions.id,
      title: actions.title,
      changes: sql`${JSON.stringify(changes)}`,
      readers: sql`NULL`,
      order: [actions.createdAt, actions.id],
    },
    sql`FROM ${actions} WHERE ${eq(actions.id, id)}`,
    entryBytes({ type, planId: '', actionId: id, title, changes, readers: null }),
  )
}

export function insertNote(database: Database, note: StoredNote): Statement {
  return database.insert(notes).values(note)
}

export function deleteNote(database: Database, note: StoredNote): Statement {
  return database.delete(notes).where(and(eq(notes.id, note.id), eq(notes.actionId, note.actionId)))
}
