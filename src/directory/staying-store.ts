/** Writes that wait while their company is on its way to another database, so that nothing of it changes behind the copy. */
import { eq, type SQL, sql, type SQLWrapper } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import type { PLACE_STATES } from '../db/enums.ts'
import { companyPlaces } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'

export type PlaceState = (typeof PLACE_STATES)[number]

/** Thrown by the batches of `staying` while the company is being moved, and after it has left. */
export class CompanyMoving extends Error {
  override readonly name = 'CompanyMoving'
  readonly companyId: string

  constructor(companyId: string) {
    super(`${companyId} is being moved`)
    this.companyId = companyId
  }
}

/** Condition: the company is in this database to stay. */
export function staysHere(companyId: SQLWrapper | string): SQL<boolean> {
  const isIt = sql`${companyPlaces.companyId} = ${companyId}`
  return sql`NOT EXISTS (SELECT 1 FROM ${companyPlaces} WHERE ${isIt})`.mapWith(Boolean)
}

/** What this database says of where the company is; null of one that is in it to stay. */
export function placeStateOf(companyId: SQLWrapper | string): SQL<PlaceState | null> {
  const isIt = sql`${companyPlaces.companyId} = ${companyId}`
  return sql`(SELECT ${companyPlaces.state} FROM ${companyPlaces} WHERE ${isIt})`
}

/** The statement fails with this message if it finds a row; no other statement computes with numbers of this size. */
const OVERFLOW = 'integer overflow'

function checkOf(database: Database, companyId: string) {
  return database.run(sql`SELECT abs(-9223372036854775807 - 1) FROM ${companyPlaces}
    WHERE ${eq(companyPlaces.companyId, companyId)}`)
}

/**
 * The database for writes of one company: its batches throw CompanyMoving, and change nothing, unless the company is there to
 * stay. With one database bound it is the database itself, since no company can move.
 */
export function staying(database: Database, companyId: string): Database {
  if (database.isAlone) return database
  const batch = async (statements: readonly BatchItem<'sqlite'>[]): Promise<unknown[]> => {
    try {
      const [, ...results]: unknown[] = await database.batch([checkOf(database, companyId), ...statements])
      return results
    } catch (error) {
      if (error instanceof Error && error.message.includes(OVERFLOW)) throw new CompanyMoving(companyId)
      throw error
    }
  }
  // The results have the places and types of the statements.
  return Object.assign(Object.create(database) as Database, { batch: batch as unknown as Database['batch'] })
}
