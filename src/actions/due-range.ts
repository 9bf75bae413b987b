/** The filters of a request, with times instead of texts. */
import type { AuthorizedRequest } from '../platform/request.ts'
import { isSet } from '../platform/schemas.ts'
import { timesOf } from '../platform/time-range.ts'
import type { ActionFilter } from './filter.ts'

/** As it stands in the query. */
interface DueFilter {
  overdue?: 'true' | 'false' | undefined
  dueFrom?: string | undefined
  dueTo?: string | undefined
}

/**
 * Reads the company's time zone if the filter has a date. Throws 400 VALIDATION_FAILED if `dueFrom` turns out to be after
 * `dueTo`.
 */
export async function resolved<Sent extends DueFilter>(
  request: AuthorizedRequest,
  { overdue, dueFrom, dueTo, ...others }: Sent,
): Promise<Omit<Sent, keyof DueFilter> & Pick<ActionFilter, keyof DueFilter>> {
  const [from, to] = await timesOf(request, ['dueFrom', dueFrom], ['dueTo', dueTo])
  return { ...others, dueFrom: from, dueTo: to, overdue: isSet(overdue) }
}
