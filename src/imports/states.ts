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

interface Circumstances {
  clock: Clock
  createdAt: number
  dueDate: number | null
  now: number
  /** How a code is written in the file. */
  word: (code: string) => string
}

/**
 * The state by the file's status and times. What it leaves out is filled in: an action is started when it was made, finished
 * at `now`, expired at its due date. Of a member that is not valid (null) nothing more is said.
 */
export function stateOf(
  fields: ActionFields,
  { clock, createdAt, dueDate, now, word }: Circumstances,
): { state: ImportedState; complaints: Complaint[] } {
  const status = fields.status ?? 'NOT_STARTED'
  const isStatusKnown = fields.status !== null
  const start = fields.startedAt ? clock.at(fields.startedAt) : null
  const end = fields.finishedAt ? clock.at(fields.finishedAt) : null
  const complaints: Complaint[] = []
  if (start !== null && start > now) complaints.push(['startedAt', 'must not lie ahead'])
  if (end !== null && end > now) complaints.push(['finishedAt', 'must not lie ahead'])
  const isUnstarted = isStatusKnown && status === 'NOT_STARTED'
  const isUnfinished = isStatusKnown && !FINISHED.has(status)
  if (start !== null && isUnstarted)
    complaints.push(['startedAt', `must be left out, since the status is ${word(status)}`])
  if (end !== null && isUnfinished)
    complaints.push(['finishedAt', `must be left out, since the status is ${word(status)}`])
  const finishedAt = status === 'EXPIRED' ? dueDate : FINISHED.has(status) ? (end ?? now) : null
  const startedAt = startOf(status, start, Math.min(createdAt, finishedAt ?? createdAt))
  const isReversed = isStatusKnown
    ? startedAt !== null && finishedAt !== null && startedAt > finishedAt
    : start !== null && end !== null && start > end
  const hasTimes = [fields.startedAt, fields.createdAt, fields.finishedAt].every((text) => text !== null)
  if (status === 'EXPIRED' && fields.dueDate !== null) {
    if (dueDate === null || dueDate > now)
      complaints.push(['status', `is ${word(status)} only once a due date has passed`])
    else if (hasTimes && startedAt !== null && startedAt >= dueDate)
      complaints.push(['status', `is ${word(status)} only if it was started before its due date`])
  } else if (status !== 'EXPIRED' && hasTimes && isReversed)
    complaints.push(['finishedAt', 'must not lie before the start'])
  return { state: { status, startedAt, finishedAt }, complaints }
}

/** A cancelled action may never have been started. */
function startOf(status: Status, given: number | null, otherwise: number): number | null {
  if (status === 'NOT_STARTED') return null
  return given ?? (status === 'CANCELLED' ? null : otherwise)
}
