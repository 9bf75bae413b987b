/** A person's open actions as a calendar, pure. */
import type { Locale, Status } from '../db/enums.ts'
import { offsetsIn } from '../platform/time-zone.ts'
import type { Calendar, CalendarEvent } from './icalendar.ts'
import type { CalendarOwner, OpenAction } from './store.ts'

const WORDS = {
  en: {
    name: (company: string) => `Action plans: ${company}`,
    plan: 'Plan',
    status: 'Status',
    NOT_STARTED: 'Not started',
    IN_PROGRESS: 'In progress',
  },
  es: {
    name: (company: string) => `Planes de acción: ${company}`,
    plan: 'Plan',
    status: 'Estado',
    NOT_STARTED: 'Sin iniciar',
    IN_PROGRESS: 'En curso',
  },
} as const satisfies Record<Locale, object>

/** An event for each action, on its due date in the company's time zone. */
export function viewCalendar(owner: CalendarOwner, actions: readonly OpenAction[]): Calendar {
  const offsetAt = offsetsIn(owner.timeZone)
  const dayOf = (time: number) => Math.floor((time + offsetAt(time)) / DAY) * DAY
  return {
    name: WORDS[owner.language].name(owner.companyName),
    events: actions.map((action) => viewEvent(owner, action, dayOf(action.dueDate))),
  }
}

const DAY = 24 * 3600 * 1000

function viewEvent(owner: CalendarOwner, action: OpenAction, day: number): CalendarEvent {
  const words = WORDS[owner.language]
  const ofStatus = `${words.status}: ${words[isBegun(action.status) ? 'IN_PROGRESS' : 'NOT_STARTED']}`
  return {
    uid: `${action.id}@action-plans`,
    day,
    // Whatever the event shows belongs to one of these four.
    changedAt: Math.max(
      ...[action.updatedAt, action.planUpdatedAt ?? 0, owner.userUpdatedAt, owner.companyUpdatedAt],
    ),
    sequence: sequenceOf(owner, action),
    summary: action.title,
    description: action.planTitle === null ? ofStatus : `${words.plan}: ${action.planTitle}\n${ofStatus}`,
  }
}

/** More changes of a plan than this do not raise the sequence of its events. */
const MOST_VERSIONS = 10_000

/**
 * A number that rises with every change of what the event shows. An action that moves to another plan is changed itself by
 * that, which outweighs whatever its plan counts.
 */
function sequenceOf(
  { userRevision, companyRevision }: Pick<CalendarOwner, 'userRevision' | 'companyRevision'>,
  { treeRevision, planVersion }: Pick<OpenAction, 'treeRevision' | 'planVersion'>,
): number {
  const ofPlan = Math.min(planVersion, MOST_VERSIONS - 1)
  return treeRevision * MOST_VERSIONS + ofPlan + userRevision + companyRevision
}

function isBegun(status: Status): boolean {
  return status === 'IN_PROGRESS'
}
