/** The history as it is stored. */
import { asc, eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { history } from '../../src/db/schema.ts'
import { newId } from '../../src/platform/new-id.ts'
import type { Changes } from '../../src/platform/history.ts'
import { homeOf } from './home.ts'

export type StoredEntry = Omit<typeof history.$inferSelect, 'changes'> & { changes: Changes }

/** The entries of a company in their order. */
export async function entriesOf(companyId: string): Promise<StoredEntry[]> {
  const rows = await drizzle(homeOf(companyId))
    .select()
    .from(history)
    .where(eq(history.companyId, companyId))
    .orderBy(asc(history.number))
  // Written by platform/history-store.ts as JSON of this form.
  return rows.map((row) => ({ ...row, changes: JSON.parse(row.changes) as Changes }))
}

/** Entries of 1,000 bytes each, numbered from 1, in a company that has none yet. */
export async function insertEntries(companyId: string, moments: readonly number[]): Promise<void> {
  const title = 'x'.repeat(498)
  const rows = moments.map((recordedAt, index) => ({ id: newId(recordedAt), recordedAt, number: index + 1 }))
  await homeOf(companyId)
    .prepare(
      `INSERT INTO history (company_id, number, id, at, recorded_at, via, type, plan_id, title, changes, batch_bytes)
      SELECT ?1, value ->> 'number', value ->> 'id', value ->> 'recordedAt', value ->> 'recordedAt', 'SESSION',
        'plan.updated', 'p', ?2, '{}', 1000 FROM json_each(?3)`,
    )
    .bind(companyId, title, JSON.stringify(rows))
    .run()
}
