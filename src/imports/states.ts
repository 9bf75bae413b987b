/** The state that an imported action has: that of all its assignees. Pure. */
import type { Status } from '../db/enums.ts'
import type { Clock } from './moments.ts'
import type { ActionFields } from './schemas.ts'

/** Times are Unix milliseconds. */
export interface ImportedState {
  status: Status
  startedAt: number | null
  finishedAt: number | null
}

/** What is wrong, by member. */
export type Complaint = readonly [member: keyof ActionFields, message: string]

const FINISHED: ReadonlySet<Status> = new Set(['COMPLETED', 'CANCELLED', 'EXPIRED'])

/**
 * The state by the file's status and times. What it leaves out is filled in: an action is started when it was made, finished
 * at `now`, expired at its due date.
 * @param createdAt of the action
 */
export function stateOf(
  fields: ActionFields,
  {
    clock,
    createdAt,
    dueDate,
    now,
  }: { clock: Clock; createdAt: number; dueDate: number | null; now: number },
): { state: ImportedState; complaints: Complaint[] } {
  const status = fields.status ?? 'NOT_STARTED'
  const [startText, endText] = [fields.startedAt ?? null, fields.finishedAt ?? null]
  const given = {
    start: startText === null ? null : clock.at(startText),
    end: endText === null ? null : clock.at(endText),
  }
  const complaints: Complaint[] = []
  if (given.start !== null && given.start > now) complaints.push(['startedAt', 'must not lie ahead'])
  if (given.end !== null && given.end > now) complaints.push(['finishedAt', 'must not lie ahead'])
  if (given.start !== null && status === 'NOT_STARTED')
    complaints.push(['startedAt', 'must be left out, since the status is NOT_STARTED'])
  if (given.end !== null && !FINISHED.has(status))
    complaints.push(['finishedAt', `must be left out, since the status is ${status}`])
  const finishedAt = status === 'EXPIRED' ? dueDate : FINISHED.has(status) ? (given.end ?? now) : null
  const startedAt = startOf(status, given.start, Math.min(createdAt, finishedAt ?? createdAt))
  if (status === 'EXPIRED') {
    if (dueDate === null || dueDate > now)
      complaints.push(['status', 'is EXPIRED only once a due date has passed'])
    else if (startedAt !== null && startedAt >= dueDate)
      complaints.push(['status', 'is EXPIRED only if it was started before its due date'])
  } else if (startedAt !== null && finishedAt !== null && startedAt > finishedAt)
    complaints.push(['finishedAt', 'must not lie before the start'])
  return { state: { status, startedAt, finishedAt }, complaints }
}

/** A cancelled action may never have been started. */
function startOf(status: Status, given: number | null, otherwise: number): number | null {
  if (status === 'NOT_STARTED') return null
  return given ?? (status === 'CANCELLED' ? null : otherwise)
}
