/** The freeze of a portfolio alone, on the local D1. */
import { sql } from 'drizzle-orm'
import { beginBuild } from '../../src/exports/freeze-store.ts'
import { directoryOf, newMeter } from '../../src/platform/database.ts'
import { newId } from '../../src/platform/new-id.ts'
import type { BenchCompany } from '../bench-lists/company.ts'

export interface Freeze {
  /** Of the batch, and of its statements as D1 counts them: it ends one that takes 30 seconds. */
  milliseconds: number
  d1Milliseconds: number
  rowsRead: number
  rowsWritten: number
}

/** Freezes everything that the company's ADMIN may read, and removes the copy. */
export async function frozen(env: { DB: D1Database }, { companyId, adminId }: BenchCompany): Promise<Freeze> {
  const meter = newMeter()
  const database = directoryOf(env, meter)
  const [now, lease] = [Date.now(), Date.now() + 60_000]
  const id = newId(now)
  await database.run(sql`INSERT INTO exports (id, company_id, kind, plan_id, plan_title, filter, requested_by, locale, status,
      next_attempt_at, lease_until, requested_at, revision)
    VALUES (${id}, ${companyId}, 'PORTFOLIO', '', '', '{}', ${adminId}, 'en', 'QUEUED', ${now}, ${lease}, ${now}, 1)`)
  const start = performance.now()
  await database.batch(
    beginBuild(
      database,
      { id, companyId, kind: 'PORTFOLIO', requestedBy: adminId, filter: '{}' },
      lease,
      now,
    ),
  )
  const milliseconds = performance.now() - start
  await database.run(sql`DELETE FROM exports WHERE id = ${id}`)
  const { d1Milliseconds, rowsRead, rowsWritten } = meter
  return { milliseconds, d1Milliseconds, rowsRead, rowsWritten }
}
