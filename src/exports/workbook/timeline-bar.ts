/** The bar of an action in the timeline. Pure. */
import type { WorkbookAction } from './content.ts'
import { type Day, dayOfInstant } from './dates.ts'
import type { Wording } from './wording.ts'

/**
 * From the day on which an action was started to the one on which it is due. Work that has not begun lies between today
 * and its due date, work without a due date ends when it was finished or, still open, today. Null without any date.
 */
export function barOf(
  { startedAt, dueDate, finishedAt, status }: WorkbookAction,
  { today, toExcelDate }: Pick<Wording, 'today' | 'toExcelDate'>,
): { from: Day; to: Day } | null {
  const start = dayOfInstant(startedAt, toExcelDate)
  const due = dayOfInstant(dueDate, toExcelDate)
  const isOver = status === 'COMPLETED' || status === 'CANCELLED' || status === 'EXPIRED'
  const end = due ?? (isOver ? dayOfInstant(finishedAt, toExcelDate) : null)
  if (start === null) return end === null ? null : { from: isOver ? end : Math.min(today, end), to: end }
  return { from: start, to: Math.max(start, end ?? (isOver ? start : today)) }
}
