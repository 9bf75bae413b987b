/** The part of the sweep that keeps the history within its time and its share of a company's limit. */
import { logStep } from '../platform/request-log.ts'
import type { Sweep } from '../platform/sweep.ts'
import { cursorOf, moveCursor } from '../platform/sweep-cursor.ts'
import { companiesAfter, dropSurplus } from './clean-up-store.ts'

/** Name of the walk through the companies in `sweep_cursors`; its position is the id of the last one looked at. */
const WALK = 'history.companies'
const COMPANIES_PER_SWEEP = 50
const ENTRIES_PER_SWEEP = 1000
const DAY = 24 * 3_600_000

/**
 * Deletes entries that are older than HISTORY_RETENTION_DAYS or for which a company has no room, from the next 50
 * companies at a time and at most 1,000. It comes back to the same companies while one has as many as could be deleted.
 */
export async function trimHistory({ settings, database, meter, now }: Sweep): Promise<void> {
  const surplus = {
    before: now - settings.HISTORY_RETENTION_DAYS * DAY,
    companyLimit: settings.COMPANY_MAX_MIB * 1024 * 1024,
  }
  const [[cursor]] = await database.batch([cursorOf(database, WALK)])
  const [companies] = await database.batch([
    companiesAfter(database, cursor?.position ?? '', surplus, COMPANIES_PER_SWEEP),
  ])
  const [first, ...others] = companies.filter(({ hasSurplus }) => hasSurplus).map(({ id }) => id)
  if (first !== undefined) {
    const most = Math.floor(ENTRIES_PER_SWEEP / (others.length + 1))
    const drop = (id: string) => dropSurplus(database, id, surplus, most)
    const dropped = await database.batch([drop(first), ...others.map(drop)])
    logStep('sweep.history', { entries: dropped.flat().length }, meter)
    if (dropped.some((entries) => entries.length === most)) return
  }
  const last = companies.length === COMPANIES_PER_SWEEP ? (companies.at(-1)?.id ?? null) : null
  if (last !== null || cursor) await database.batch([moveCursor(database, WALK, last)])
}
