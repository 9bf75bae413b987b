/** The Overview: figures, charts, what needs attention, and the tables that the charts show. Pure. */
import { STATUSES } from '../../../db/enums.ts'
import type { Urgent } from '../attention.ts'
import { dayOf, dayOfInstant } from '../dates.ts'
import type { TemplateRow } from '../sheet-template.ts'
import type { RowValues } from '../cell-value.ts'
import type { OpenSheet } from '../workbook-writer.ts'
import type { PortfolioContent } from './content.ts'
import type { AttentionItem, PortfolioSurvey } from './survey.ts'
import { filterLine, momentsIn, type PortfolioWording } from './wording.ts'

/** The most areas that are listed and charted: those with the most actions, in the order of the tree. */
const MOST_AREAS = 20
const BLOCK_LINES = 3
/** As many as the longest title takes. */
const TITLE_LINES = 8

export async function writeOverview(
  sheet: OpenSheet,
  content: PortfolioContent,
  survey: PortfolioSurvey,
  wording: PortfolioWording,
): Promise<void> {
  const block = blockValues(content, survey, wording)
  const groups: Readonly<Record<string, readonly RowValues[]>> = {
    overdue: attentionRows(survey.attention.overdue, wording),
    dueSoon: attentionRows(survey.attention.dueSoon, wording),
    notStarted: attentionRows(survey.attention.notStarted, wording),
    area: areaRows(content, survey),
    month: monthRows(survey),
  }
  for (const row of sheet.template.rows) {
    if (row.group === '') await sheet.row(row, block, { maxLines: BLOCK_LINES })
    else await writeAll(sheet, row, groups[row.group] ?? [])
  }
}

async function writeAll(sheet: OpenSheet, row: TemplateRow, rows: readonly RowValues[]): Promise<void> {
  for (const values of rows) await sheet.row(row, values, { maxLines: TITLE_LINES })
  sheet.skip(row)
}

function blockValues(
  content: PortfolioContent,
  survey: PortfolioSurvey,
  wording: PortfolioWording,
): RowValues {
  const { volume, actions, planCount, timeZone } = content
  const { labels, count } = wording
  const { own } = labels
  const { byStatus } = survey
  const percent = actions.length === 0 ? 0 : Math.floor((byStatus.COMPLETED * 100) / actions.length)
  const filter = filterLine(content.filter, timeZone, wording)
  const exported = own.exported(
    momentsIn(wording, timeZone)(content.exportedAt),
    content.exportedBy,
    timeZone,
  )
  const first = volume.count === 0 ? 0 : volume.first + 1
  const parts = [
    own.contents(
      own.planCount(count(planCount), planCount === 1),
      own.actionCount(count(actions.length), actions.length === 1),
    ),
    ...(volume.of > 1
      ? [own.volume(count(volume.number), count(volume.of), count(first), count(volume.first + volume.count))]
      : []),
  ]
  return {
    kicker: `${content.companyName} · ${own.portfolio}`,
    contents: parts.join(' '),
    second: filter ?? exported,
    third: filter === null ? null : exported,
    planCount,
    actionCount: actions.length,
    completion: percent / 100,
    overdueCount: survey.overdue,
    dueSoonCount: survey.dueSoon,
    ...Object.fromEntries(STATUSES.map((status) => [`count${status}`, byStatus[status]])),
  }
}

function attentionRows(urgent: Urgent<AttentionItem>, wording: PortfolioWording): RowValues[] {
  const { labels, toExcelDate, today, count } = wording
  if (urgent.count === 0) return [{ title: labels.own.nothing }]
  const rows = urgent.first.map((item): RowValues => {
    const day = dayOfInstant(item.dueDate, toExcelDate)
    return {
      title: item.title,
      plan: item.planTitle,
      assignees: item.assignees.map(({ name }) => name).join(', '),
      due: toExcelDate(item.dueDate),
      days: day === null ? null : item.overdue ? Math.max(1, today - day) : day - today,
    }
  })
  const left = urgent.count - urgent.first.length
  return left > 0 ? [...rows, { title: labels.own.more(count(left)) }] : rows
}

function areaRows({ areas }: PortfolioContent, { areas: counts }: PortfolioSurvey): RowValues[] {
  const withActions = areas.flatMap((area, rank) => {
    const sums = counts[rank]
    return sums && sums.actions > 0 ? [{ ...area, ...sums, rank }] : []
  })
  return withActions
    .toSorted((one, other) => other.actions - one.actions || one.rank - other.rank)
    .slice(0, MOST_AREAS)
    .sort((one, other) => one.rank - other.rank)
    .map(({ name, level, actions, completed, overdue }) => ({
      name: `${'   '.repeat(Math.min(level, 5))}${name}`,
      open: actions - completed,
      completed,
      actions,
      overdue,
      completion: Math.floor((completed * 100) / actions) / 100,
    }))
}

function monthRows({ months, due, completed }: PortfolioSurvey): RowValues[] {
  return months.names.map((name, index) => {
    const [year = 0, month = 1] = name.split('-').map(Number)
    return { month: dayOf(year, month - 1), due: due[index] ?? 0, completed: completed[index] ?? 0 }
  })
}
