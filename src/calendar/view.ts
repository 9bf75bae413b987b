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
    sequence: action.treeRevision,
    summary: action.title,
    description: action.planTitle === null ? ofStatus : `${words.plan}: ${action.planTitle}\n${ofStatus}`,
  }
}

function isBegun(status: Status): boolean {
  return status === 'IN_PROGRESS'
}
