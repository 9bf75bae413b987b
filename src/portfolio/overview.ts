/** The overview of the portfolio: one batch, in which each action that counts is looked at once. */
import { resolved } from '../actions/due-range.ts'
import type { FilterQuery } from '../actions/schemas.ts'
import { type Answer, json } from '../platform/answer.ts'
import type { AuthorizedRequest } from '../platform/request.ts'
import { monthsAround } from './months.ts'
import {
  furtherCombinations,
  lastCombination,
  overviewAreas,
  overviewCounts,
  overviewSettings,
} from './overview-store.ts'
import { viewOverview } from './view.ts'

/**
 * Counts over the actions that the caller may read and that meet every filter. Throws 400 VALIDATION_FAILED if `dueFrom`
 * turns out to be after `dueTo`, 503 BUSY.
 */
export async function readOverview(request: AuthorizedRequest, sent: FilterQuery): Promise<Answer> {
  const { database, scope } = request
  const filter = await resolved(request, sent)
  const { rows } = await request.readWeighed(
    (most) =>
      [
        overviewSettings(database, scope.companyId),
        overviewAreas(database, scope.companyId, most),
        overviewCounts(database, filter, scope),
      ] as const,
    ([[settings]]) => settings?.areaBytes ?? 0,
  )
  const [[settings], areas, counts] = rows
  // More than 10,000 combinations of areas are read in portions, since each may be long.
  for (let after = lastCombination(counts); after !== null;) {
    const { rows: further } = await request.read([
      furtherCombinations(database, filter, scope, after),
    ] as const)
    counts.push(...further[0])
    after = lastCombination(further[0])
  }
  return json(viewOverview(counts, areas, monthsAround(scope.now, settings?.timeZone ?? 'UTC')))
}
