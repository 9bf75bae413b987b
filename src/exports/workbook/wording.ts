/** The words and formats that all sheets of a workbook share. Pure. */
import type { Locale, Visibility } from '../../db/enums.ts'
import type { WorkbookAction, WorkbookContent } from './content.ts'
import { type Day, dayOfInstant, excelDatesIn, type ToExcelDate } from './dates.ts'
import { type Labels, labelsOf } from './labels.ts'
import type { RowValues } from './cell-value.ts'

/** The language of one workbook: its words, dates and numbers. */
export interface Wording {
  locale: Locale
  labels: Labels
  toExcelDate: ToExcelDate
  /** The day of the export, in the company's time zone. */
  today: Day
  /** Formats whole numbers for the reader, `1,234` or `1.234`. */
  count: (value: number) => string
}

/** The wording of a workbook. Throws RangeError for an unknown time zone. */
export function wordingOf({ locale, timeZone, exportedAt }: WorkbookContent): Wording {
  const numbers = new Intl.NumberFormat(locale)
  const toExcelDate = excelDatesIn(timeZone)
  return {
    locale,
    labels: labelsOf(locale),
    toExcelDate,
    today: dayOfInstant(exportedAt, toExcelDate) ?? 0,
    count: (value) => numbers.format(value),
  }
}

/** A percentage (0 to 100) as the number (0 to 1) that a percent format shows. */
export function percentage(percent: number): number | null {
  return Number.isFinite(percent) ? percent / 100 : null
}

/** Whole days that an action is overdue, at least 1; null if it is not, or was due outside Excel's calendar. */
export function daysLate(
  { overdue, dueDate }: WorkbookAction,
  { today, toExcelDate }: Wording,
): number | null {
  const due = dayOfInstant(dueDate, toExcelDate)
  return overdue && due !== null ? Math.max(1, today - due) : null
}

/** The values of an action that the Summary and its own sheet both show. */
export function commonValues(action: WorkbookAction, { labels, toExcelDate }: Wording) {
  return {
    title: action.title,
    type: labels.actionTypes[action.actionType],
    status: labels.statuses[action.status],
    completion: percentage(action.completionPercent),
    areas: areaNames(action, labels).join(', '),
    due: toExcelDate(action.dueDate),
    started: toExcelDate(action.startedAt),
    finished: toExcelDate(action.finishedAt),
  } satisfies RowValues
}

/** A visibility in one word, without who that is. */
export function visibilityIn({ visibilities }: Labels, visibility: Visibility): string {
  return visibilities[visibility].split(':', 1)[0] ?? ''
}

/** The names of an action's areas, or the word for the whole company. */
export function areaNames({ hierarchies }: WorkbookAction, labels: Labels): string[] {
  return hierarchies.length === 0 ? [labels.companyWide] : hierarchies.map(({ name }) => name)
}

/** The focus of an action with all ids in full. */
export function focusOf({ focusItems }: Pick<WorkbookAction, 'focusItems'>, { focusTypes }: Labels): string {
  return focusItems
    .map(({ focusType, focusId }) =>
      focusId === null ? focusTypes[focusType] : `${focusTypes[focusType]}: ${focusId}`,
    )
    .join(', ')
}

// An id that is a number or made by a program (hexadecimal digits, also as a UUID) tells a reader nothing.
const OPAQUE = /^(?:\d+|(?=.*\d)[0-9a-f-]{8,})$/i
const WORDS = /^[\p{L}\d]+(?:[-_][\p{L}\d]+)+$/u

/** The focus of an action for reading: ids that are words as words, and none that only a program understands. */
export function readableFocus({ focusItems }: WorkbookAction, { focusTypes }: Labels): string {
  const texts = focusItems.map(({ focusType, focusId }) => {
    if (focusId === null || OPAQUE.test(focusId)) return focusTypes[focusType]
    return `${focusTypes[focusType]}: ${WORDS.test(focusId) ? focusId.replace(/[-_]/g, ' ') : focusId}`
  })
  return [...new Set(texts)].join(', ')
}

/** The line above a sheet's title: the company's name, and the word for an action plan. */
export function planLine(content: WorkbookContent, labels: Labels): string {
  return `${content.companyName} · ${labels.actionPlan}`
}
