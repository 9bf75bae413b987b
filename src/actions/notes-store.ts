/** Execution notes in D1. */
import { and, eq, type SQL, sql } from 'drizzle-orm'
import { notes } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import { LIMITS } from '../platform/limits.ts'
import type { Slice } from '../platform/schemas.ts'
import type { Statement } from '../platform/write.ts'

export interface StoredNote {
  id: string
  actionId: string
  authorId: string
  authorName: string
  text: string
  createdAt: number
}

const COLUMNS = sql.raw(
  'n.id AS id, n.action_id AS actionId, n.author_id AS authorId, u.name AS authorName, n.text AS text, n.created_at AS createdAt',
)

/** Bytes of a note in an answer: 5,000 characters of four bytes; and its other members. */
const LONGEST_TEXT = 20_000
const OTHER_MEMBERS = 500

/** What a page of an action's notes weighs at most, in bytes. */
export function notePageBytes(noteBytes: number, { limit }: Slice): number {
  return Math.min(noteBytes, LONGEST_TEXT * limit) + OTHER_MEMBERS * limit
}

/** A page of an action's notes, newest first; none if it may weigh more than `most` bytes. */
export function notePage(database: Database, actionId: string, { from, limit }: Slice, most: number) {
  return database.all<StoredNote>(sql`
    SELECT ${COLUMNS} FROM notes n JOIN users u ON u.id = n.author_id WHERE n.action_id = ${actionId}
      AND (SELECT min(note_bytes, ${LONGEST_TEXT * limit}) FROM actions WHERE id = ${actionId})
        <= ${most - OTHER_MEMBERS * limit}
    ORDER BY n.created_at DESC, n.id DESC LIMIT ${limit} OFFSET ${from}`)
}

export function noteById(database: Database, actionId: string, noteId: string) {
  return database.all<StoredNote>(sql`
    SELECT ${COLUMNS} FROM notes n JOIN users u ON u.id = n.author_id
    WHERE n.id = ${noteId} AND n.action_id = ${actionId}`)
}

/** Holds while the user may read the action, and it and its plan have room for another note of so many bytes. */
export function actionTakesNote(actionId: string, userId: string, bytes: number): SQL {
  return sql`${actionIsReadable(actionId, userId)} AND EXISTS (
    SELECT 1 FROM actions a JOIN plans p ON p.id = a.plan_id WHERE a.id = ${actionId}
      AND a.note_count < ${LIMITS.notesPerAction.most} AND a.note_bytes + ${bytes} <= ${LIMITS.noteBytesPerAction.most}
      AND p.note_bytes + ${bytes} <= ${LIMITS.noteBytesPerPlan.most})`
}

/** Holds while the user may read the action. */
function actionIsReadable(actionId: string, userId: string): SQL {
  return sql`EXISTS (SELECT 1 FROM action_readers WHERE action_id = ${actionId} AND reader IN ('*', ${userId}))`
}

/** Holds while the note is there and the user may read its action. */
export function noteIsThere(note: StoredNote, userId: string): SQL {
  return sql`EXISTS (SELECT 1 FROM notes WHERE id = ${note.id}) AND ${actionIsReadable(note.actionId, userId)}`
}

export function insertNote(database: Database, note: StoredNote): Statement {
  const { id, actionId, authorId, text, createdAt } = note
  return database.insert(notes).values({ id, actionId, authorId, text, createdAt })
}

export function deleteNote(database: Database, note: StoredNote): Statement {
  return database.delete(notes).where(and(eq(notes.id, note.id), eq(notes.actionId, note.actionId)))
}
