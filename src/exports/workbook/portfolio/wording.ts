/** The words, dates and numbers of one workbook of the portfolio. Pure. */
import type { Locale } from '../../../db/enums.ts'
import type { Day, ToExcelDate } from '../dates.ts'
import type { PortfolioFilter } from './content.ts'
import type { PortfolioLabels } from './labels.ts'

export interface PortfolioWording {
  locale: Locale
  labels: PortfolioLabels
  toExcelDate: ToExcelDate
  /** The day of the export, in the company's time zone. */
  today: Day
  /** Formats whole numbers for the reader. */
  count: (value: number) => string
}

/** Formats moments for the reader, in a time zone. */
export function momentsIn({ locale }: PortfolioWording, timeZone: string): (moment: number) => string {
  const format = new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, {
    timeZone,
    dateStyle: 'medium',
    timeStyle: 'short',
  })
  return (moment) => format.format(moment)
}

/** The filter as a sentence; null if there is none. */
export function filterLine(
  filter: PortfolioFilter,
  timeZone: string,
  wording: PortfolioWording,
): string | null {
  const { own, shared } = wording.labels
  const moment = momentsIn(wording, timeZone)
  const { status, focusType, actionType, area, assignee, q, overdue, dueFrom, dueTo } = filter
  const parts = [
    ...(status === undefined ? [] : [shared.statuses[status]]),
    ...(focusType === undefined ? [] : [`${shared.focus}: ${shared.focusTypes[focusType]}`]),
    ...(actionType === undefined ? [] : [`${shared.type}: ${shared.actionTypes[actionType]}`]),
    ...(area === undefined ? [] : [`${own.area}: ${area}`]),
    ...(assignee === undefined ? [] : [`${own.assignees}: ${assignee}`]),
    ...(q === undefined || q === '' ? [] : [`“${q}”`]),
    ...(overdue === undefined ? [] : [overdue ? own.overdueOnly : own.notOverdue]),
    ...(dueFrom === undefined ? [] : [`${own.due} ≥ ${moment(dueFrom)}`]),
    ...(dueTo === undefined ? [] : [`${own.due} < ${moment(dueTo)}`]),
  ]
  return parts.length === 0 ? null : `${own.filtered}: ${parts.join(', ')}`
}
