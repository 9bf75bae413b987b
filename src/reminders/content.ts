/** What a reminder shows, frozen when it is recorded, so that every try sends the same bytes. */
import type { Locale } from '../db/enums.ts'

/** An action that is shown. */
export interface ShownAction {
  title: string
  /** null if the recipient may not read the plan. */
  planTitle: string | null
  /** When it is or was due; of an expired one, when it expired (Unix milliseconds). */
  dueDate: number
}

export interface ReminderContent {
  name: string
  companyName: string
  locale: Locale
  accentColor: string
  timeZone: string
  /** As of when it is all true (Unix milliseconds). */
  at: number
  /** How many open actions are overdue, and how many more are due within 7 days. */
  overdue: number
  due: number
  /** Some of both, in the order of their due dates: what is new has a place before what is known. */
  open: ShownAction[]
  /** How many have expired that no reminder listed, and those that this one lists, the latest first. */
  expired: number
  ended: ShownAction[]
}

/** What a reminder told of, kept when it was sent: ids of actions, each with what was said of it. */
export interface ToldActions {
  overdue: string[]
  due: string[]
  /** Those listed as expired that ended after `expiredSince`: id and end, parted by a blank. */
  expired: string[]
}

/** Reads what a reminder told of; of what expired, the ids. */
export function readTold(text: string): ToldActions {
  // Written by the statement that records reminders, which has these members.
  const { expired, ...told } = JSON.parse(text) as ToldActions
  return { ...told, expired: expired.map((item) => item.split(' ', 1)[0] ?? '') }
}

/** Reads what the database has put together (`portion-store.ts`). */
export function readContent(text: string): ReminderContent {
  // Written by the statement that records reminders, which has these members.
  return JSON.parse(text) as ReminderContent
}
