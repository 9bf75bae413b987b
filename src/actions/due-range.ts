/** The filters of a request, with times instead of texts. */
import type { AuthorizedRequest } from '../platform/request.ts'
import { invalid } from '../platform/problem.ts'
import { isSet } from '../platform/schemas.ts'
import { startOfDay } from '../platform/time-zone.ts'
import { parseDate, parseInstant } from '../platform/time.ts'
import type { ActionFilter } from './filter.ts'
import { DUE_ORDER } from './schemas.ts'
import { timeZoneOf } from './store.ts'

/** As it stands in the query. */
interface DueFilter {
  overdue?: 'true' | 'false' | undefined
  dueFrom?: string | undefined
  dueTo?: string | undefined
}

/**
 * Reads the company's time zone if the filter has a date. Throws 400 VALIDATION_FAILED if `dueFrom` turns out to be
 * after `dueTo`.
 */
export async function resolved<Sent extends DueFilter>(
  request: AuthorizedRequest,
  { overdue, dueFrom, dueTo, ...others }: Sent,
): Promise<Omit<Sent, keyof DueFilter> & Pick<ActionFilter, keyof DueFilter>> {
  const { database, scope } = request
  const isDate = (text: string | undefined) => text !== undefined && parseInstant(text) === null
  let timeZone = 'UTC'
  if (isDate(dueFrom) || isDate(dueTo)) {
    const { rows } = await request.read([timeZoneOf(database, scope.companyId)] as const)
    timeZone = rows[0][0]?.timeZone ?? timeZone
  }
  const timeOf = (text: string | undefined) =>
    text === undefined ? undefined : (parseInstant(text) ?? startOfDay(parseDate(text) ?? NaN, timeZone))
  const range = { dueFrom: timeOf(dueFrom), dueTo: timeOf(dueTo) }
  if (range.dueFrom !== undefined && range.dueTo !== undefined && range.dueFrom > range.dueTo) {
    throw invalid([{ path: 'dueFrom', message: DUE_ORDER }])
  }
  return { ...others, ...range, overdue: isSet(overdue) }
}
