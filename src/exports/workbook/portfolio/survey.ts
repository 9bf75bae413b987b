/** The figures of the Overview, gathered from all actions one by one. Pure. */
import type { Status } from '../../../db/enums.ts'
import { type Months, monthsAround } from '../../../portfolio/months.ts'
import { type Counts, RollUp } from '../../../portfolio/roll-up.ts'
import { type Attention, gatherAttention } from '../attention.ts'
import { dayOfInstant, type ToExcelDate } from '../dates.ts'
import type { PortfolioAction, PortfolioContent } from './content.ts'

/** The most actions that each list of what needs attention names. */
const ATTENTION_LINES = 10

/** An action in a list of what needs attention. */
export type AttentionItem = Pick<
  PortfolioAction,
  'title' | 'planTitle' | 'dueDate' | 'overdue' | 'assignees' | 'status'
>

export interface PortfolioSurvey {
  byStatus: Readonly<Record<Status, number>>
  overdue: number
  dueSoon: number
  /** By area, in the order of the tree. */
  areas: readonly Readonly<Counts>[]
  months: Months
  /** By place in `months.names`. */
  due: readonly number[]
  completed: readonly number[]
  attention: Attention<AttentionItem>
}

export async function surveyPortfolio(
  { actions, areas, exportedAt, timeZone }: PortfolioContent,
  toExcelDate: ToExcelDate,
): Promise<PortfolioSurvey> {
  const byStatus = { NOT_STARTED: 0, IN_PROGRESS: 0, COMPLETED: 0, CANCELLED: 0, EXPIRED: 0 }
  const rollUp = new RollUp(areas.map(({ level }) => level))
  const months = monthsAround(exportedAt, timeZone)
  const due = months.names.map(() => 0)
  const completed = months.names.map(() => 0)
  const today = dayOfInstant(exportedAt, toExcelDate) ?? 0
  const attention = gatherAttention<AttentionItem>(today, ATTENTION_LINES)
  let overdue = 0
  const count = (counts: number[], moment: number | null) => {
    const month = moment === null ? null : months.indexOf(moment)
    if (month !== null) counts[month] = (counts[month] ?? 0) + 1
  }
  for await (const action of actions.slice(0, actions.length)) {
    byStatus[action.status] += 1
    if (action.overdue) overdue += 1
    const isCompleted = action.status === 'COMPLETED'
    rollUp.add(action.areas, {
      actions: 1,
      completed: Number(isCompleted),
      overdue: Number(action.overdue),
    })
    count(due, action.dueDate)
    if (isCompleted) count(completed, action.finishedAt)
    const { status, title, planTitle, dueDate, assignees } = action
    attention.add(
      { status, overdue: action.overdue, dueDay: dayOfInstant(dueDate, toExcelDate) },
      { status, title, planTitle, dueDate, overdue: action.overdue, assignees },
    )
  }
  const result = attention.result()
  return {
    ...{ byStatus, overdue, months, due, completed, attention: result },
    dueSoon: result.dueSoon.count,
    areas: rollUp.totals(),
  }
}
