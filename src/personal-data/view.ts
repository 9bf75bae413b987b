/** What is kept about and by a user as he or she sees it, pure. */
import type { StoredAction } from '../actions/store.ts'
import { viewAction } from '../actions/view.ts'
import { viewExport } from '../exports/view.ts'
import { changesIn } from '../history/view.ts'
import { toIso } from '../platform/time.ts'
import type { ItemOf } from './schemas.ts'
import type {
  KeptAccessKey,
  KeptAssignment,
  KeptCalendar,
  KeptEntry,
  KeptExport,
  KeptLinkMail,
  KeptNote,
  KeptPlan,
  KeptReminder,
  KeptSession,
  KeptSignInCode,
} from './store.ts'

export function viewSession({ createdAt, expiresAt, revokedAt }: KeptSession): ItemOf<'sessions'> {
  return { createdAt: toIso(createdAt), expiresAt: toIso(expiresAt), revokedAt: toIso(revokedAt) }
}

export function viewAccessKey(key: KeptAccessKey): ItemOf<'accessKeys'> {
  const { createdAt, expiresAt, lastUsedAt, revokedAt } = key
  return {
    ...key,
    ...{ createdAt: toIso(createdAt), expiresAt: toIso(expiresAt) },
    ...{ lastUsedAt: toIso(lastUsedAt), revokedAt: toIso(revokedAt) },
  }
}

export function viewSignInCode(code: KeptSignInCode): ItemOf<'signInCodes'> {
  const { createdAt, expiresAt, usedAt } = code
  return { ...code, createdAt: toIso(createdAt), expiresAt: toIso(expiresAt), usedAt: toIso(usedAt) }
}

export function viewOwnPlan(plan: KeptPlan): ItemOf<'plans'> {
  return { ...plan, createdAt: toIso(plan.createdAt), updatedAt: toIso(plan.updatedAt) }
}

/** Without its assignees, who are other people. */
export function viewOwnAction(action: StoredAction, now: number): ItemOf<'actions'> {
  const {
    companyId: _companyId,
    assignees: _assignees,
    createdBy: _createdBy,
    ...own
  } = viewAction(action, now)
  return own
}

export function viewAssignment(assignment: KeptAssignment): ItemOf<'assignments'> {
  const { startedAt, finishedAt } = assignment
  return { ...assignment, startedAt: toIso(startedAt), finishedAt: toIso(finishedAt) }
}

export function viewOwnNote(note: KeptNote): ItemOf<'notes'> {
  return { ...note, createdAt: toIso(note.createdAt) }
}

export function viewOwnCalendar({ createdAt }: KeptCalendar): ItemOf<'calendars'> {
  return { createdAt: toIso(createdAt) }
}

export function viewOwnExport(row: KeptExport): ItemOf<'exports'> {
  return { ...viewExport(row, row.files), language: row.locale }
}

export function viewOwnEntry(entry: KeptEntry): ItemOf<'history'> {
  return { ...entry, at: toIso(entry.at), changes: changesIn(entry.changes) }
}

export function viewReminder({ told, createdAt, sentAt, date }: KeptReminder): ItemOf<'reminders'> {
  return { date, ...told, createdAt: toIso(createdAt), sentAt: toIso(sentAt) }
}

export function viewLinkMail(mail: KeptLinkMail): ItemOf<'linkMails'> {
  return { ...mail, createdAt: toIso(mail.createdAt), settledAt: toIso(mail.settledAt) }
}
