/** Where the walks of the sweep stand that look at a stretch at a time (`sweep_cursors`). */
import { eq } from 'drizzle-orm'
import { sweepCursors } from '../db/schema.ts'
import type { Database } from './database.ts'
import type { Statement } from './write.ts'

/** The position of a walk; no row if it starts from the beginning. */
export function cursorOf(database: Database, name: string) {
  return database
    .select({ position: sweepCursors.position })
    .from(sweepCursors)
    .where(eq(sweepCursors.name, name))
}

/**
 * Stores the position of a walk.
 * @param position the key of the last thing looked at; null at the end
 */
export function moveCursor(database: Database, name: string, position: string | null): Statement {
  if (position === null) return database.delete(sweepCursors).where(eq(sweepCursors.name, name))
  return database
    .insert(sweepCursors)
    .values({ name, position })
    .onConflictDoUpdate({ target: sweepCursors.name, set: { position } })
}
