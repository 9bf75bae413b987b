/** Facts about all actions that are needed before the first row is written. Pure. */
import type { Status } from '../../db/enums.ts'
import { type Attention, gatherAttention } from './attention.ts'
import { type Breakdown, countByAreaAndPerson } from './breakdown.ts'
import type { WorkbookAction, WorkbookContent } from './content.ts'
import { type Day, dayOfInstant } from './dates.ts'
import { barOf } from './timeline-bar.ts'
import type { Wording } from './wording.ts'

const ATTENTION_ROWS = 5
const BREAKDOWN_ROWS = 100

export interface Survey {
  byStatus: Readonly<Record<Status, number>>
  overdue: number
  attention: Attention<{ action: WorkbookAction; index: number }>
  breakdown: Breakdown
  /** Titles of this file's actions, in order. */
  titles: readonly string[]
  /** First and last day of this file's timeline; null if none of its actions has a date. */
  days: { first: Day; last: Day } | null
}

/** Reads all actions once. */
export async function surveyOf({ actions, volume }: WorkbookContent, wording: Wording): Promise<Survey> {
  const { today, toExcelDate, labels } = wording
  const byStatus = { NOT_STARTED: 0, IN_PROGRESS: 0, COMPLETED: 0, CANCELLED: 0, EXPIRED: 0 }
  const attention = gatherAttention<{ action: WorkbookAction; index: number }>(today, ATTENTION_ROWS)
  const breakdown = countByAreaAndPerson(labels.companyWide, BREAKDOWN_ROWS)
  const titles: string[] = []
  const days = { first: Infinity, last: -Infinity }
  let overdue = 0
  let index = 0
  for await (const action of actions.slice(0, actions.length)) {
    byStatus[action.status] += 1
    if (action.overdue) overdue += 1
    const dueDay = dayOfInstant(action.dueDate, toExcelDate)
    attention.add({ status: action.status, overdue: action.overdue, dueDay }, { action, index })
    breakdown.add(action)
    if (index >= volume.first && index < volume.first + volume.count) {
      titles.push(action.title)
      const bar = barOf(action, wording)
      if (bar !== null) {
        days.first = Math.min(days.first, bar.from)
        days.last = Math.max(days.last, bar.to)
      }
    }
    index += 1
  }
  return {
    byStatus,
    overdue,
    attention: attention.result(),
    breakdown: breakdown.result(),
    titles,
    days: days.first <= days.last ? days : null,
  }
}
