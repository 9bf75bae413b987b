/** Builds the workbook of the portfolio: an overview, a row a plan, and a flat table with a row an action. Pure. */
import type { SheetColumn } from '../../../actions/sheet-columns.ts'
import { cellOf } from '../../../actions/sheet-lists.ts'
import { dayOfInstant, dueSerial, excelDatesIn } from '../dates.ts'
import { rowsOfGroup } from '../sheet-template.ts'
import { openTemplate } from '../template.ts'
import { createWorkbook, type OpenSheet } from '../workbook-writer.ts'
import { focusOf, visibilityIn } from '../wording.ts'
import type { PortfolioAction, PortfolioContent, PortfolioPlan } from './content.ts'
import { portfolioLabel, portfolioLabels } from './labels.ts'
import { writeOverview } from './overview.ts'
import { surveyPortfolio } from './survey.ts'
import bytes from './template.xlsx'
import type { PortfolioWording } from './wording.ts'

/** Names of the sheets in the template. */
const OVERVIEW = 'Overview'
const PLANS = 'Plans'
const ACTIONS = 'Actions'

/**
 * Builds one file of the portfolio: the overview and the plans over all actions, and the rows of the volume. Sheets are
 * written row by row and compressed at once.
 * @returns the bytes of an .xlsx file; the same content gives the same bytes
 * @throws RangeError for an unknown time zone
 */
export async function buildPortfolio(content: PortfolioContent): Promise<Uint8Array> {
  const { locale, timeZone, exportedAt, exportedBy, companyName, volume } = content
  const labels = portfolioLabels(locale)
  const numbers = new Intl.NumberFormat(locale)
  const toExcelDate = excelDatesIn(timeZone)
  const wording: PortfolioWording = {
    ...{ locale, labels, toExcelDate },
    today: dayOfInstant(exportedAt, toExcelDate) ?? 0,
    count: (value) => numbers.format(value),
  }
  const survey = await surveyPortfolio(content, toExcelDate)
  const template = await openTemplate({
    bytes,
    variant: locale,
    wordFor: (key) => portfolioLabel(locale, key),
    dateLocale: labels.shared.dateLocale,
    hidden: [],
  })
  const workbook = createWorkbook(template, content.accentColor)
  const footer = { company: companyName }

  const overview = workbook.open(OVERVIEW, labels.own.overview, { footer })
  await writeOverview(overview, content, survey, wording)
  await overview.close()

  const plans = workbook.open(PLANS, labels.own.plans, { footer })
  await writeTable(plans, 'plan', content.plans(), (plan) => planRow(plan, wording))

  const actions = workbook.open(ACTIONS, labels.own.actions, { footer })
  const rows = content.actions.slice(volume.first, volume.first + volume.count)
  await writeTable(actions, 'row', rows, (action) => actionRow(action, content, wording))

  const title = `${labels.own.portfolio}: ${companyName}`
  return workbook.finish({ title, author: exportedBy, createdAt: exportedAt })
}

/** Writes a sheet that is one Excel table: the header, then a row for each item. */
async function writeTable<Item>(
  sheet: OpenSheet,
  group: string,
  items: AsyncIterable<Item>,
  valuesOf: (item: Item) => Parameters<OpenSheet['row']>[1],
): Promise<void> {
  const [pattern] = rowsOfGroup(sheet.template, group)
  if (pattern === undefined) throw new Error(`the portfolio's template lacks the row ${group}`)
  for (const row of sheet.template.rows) if (row.group === '') await sheet.row(row, {})
  for await (const item of items) await sheet.row(pattern, valuesOf(item), { maxLines: 1 })
  sheet.skip(pattern)
  await sheet.close()
}

function planRow(plan: PortfolioPlan, { labels, toExcelDate }: PortfolioWording) {
  const actions = plan.notStarted + plan.inProgress + plan.completed + plan.cancelled + plan.expired
  return {
    planId: plan.planId,
    title: plan.title,
    visibility: visibilityIn(labels.shared, plan.visibility),
    createdBy: plan.creatorName ?? labels.own.legacyPlan,
    created: toExcelDate(plan.createdAt),
    actions,
    completion: actions === 0 ? null : Math.floor((plan.completed * 100) / actions) / 100,
    notStarted: plan.notStarted,
    inProgress: plan.inProgress,
    completed: plan.completed,
    cancelled: plan.cancelled,
    expired: plan.expired,
    overdue: plan.overdue,
    nextDue: toExcelDate(plan.nextDue),
  }
}

function actionRow(
  action: PortfolioAction,
  { areas }: PortfolioContent,
  { labels, toExcelDate }: PortfolioWording,
) {
  const { own, shared } = labels
  const { planVisibility, assignees } = action
  const targets = action.areas.flatMap((place) => areas[place] ?? [])
  return {
    planId: action.planId,
    plan: action.planTitle,
    planVisibility: planVisibility === null ? null : visibilityIn(shared, planVisibility),
    actionId: action.actionId,
    title: action.title,
    description: action.description,
    // A copy that was frozen by an earlier version has none.
    planDescription: action.planDescription ?? null,
    actionType: shared.actionTypes[action.actionType],
    origin: shared.origins[action.origin],
    visibility: visibilityIn(shared, action.visibility),
    status: shared.statuses[action.status],
    completion: action.completionPercent / 100,
    overdue: action.overdue ? own.yes : own.no,
    assignees: cellOf(assignees.map(({ name }) => name)),
    assigneeEmails: cellOf(assignees.map(({ email }) => email)),
    assigneeIds: cellOf(assignees.map(({ userId }) => userId)),
    areas: cellOf(targets.map(({ path }) => path)),
    areaIds: cellOf(targets.map(({ id }) => id)),
    focus: cellOf(action.focusItems.map((item) => focusOf({ focusItems: [item] }, shared))),
    dueDate: dueSerial(action.dueDate, toExcelDate),
    startedAt: toExcelDate(action.startedAt),
    finishedAt: toExcelDate(action.finishedAt),
    noteCount: action.noteCount,
    createdBy: action.creatorName,
    createdByEmail: action.creatorEmail,
    createdAt: toExcelDate(action.createdAt),
    updatedAt: toExcelDate(action.updatedAt),
  } satisfies Record<SheetColumn, string | number | null>
}
