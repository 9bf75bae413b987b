/** The sheet with a table of areas and one of people. Pure. */
import type { Tallies, Tally } from './breakdown.ts'
import type { WorkbookContent } from './content.ts'
import type { RowValues } from './cell-value.ts'
import type { Survey } from './survey.ts'
import { planLine, type Wording } from './wording.ts'
import type { OpenSheet } from './workbook-writer.ts'

export async function writeBreakdown(
  sheet: OpenSheet,
  content: WorkbookContent,
  { breakdown }: Survey,
  wording: Wording,
): Promise<void> {
  const { labels } = wording
  const groups: Readonly<Record<string, () => RowValues[]>> = {
    '': () => [{ kicker: planLine(content, labels) }],
    area: () => breakdown.areas.rows.map(valuesOf),
    person: () => breakdown.people.rows.map(valuesOf),
    areaMore: () => moreOf(breakdown.areas, wording),
    personMore: () => moreOf(breakdown.people, wording),
  }
  for (const row of sheet.template.rows) {
    for (const values of groups[row.group]?.() ?? []) await sheet.row(row, values)
    sheet.skip(row)
  }
}

function valuesOf({ name, actions, open, completed, overdue }: Tally): RowValues {
  return {
    name,
    actions,
    open,
    completed,
    completion: Math.floor((completed / actions) * 100) / 100,
    overdue,
  }
}

function moreOf({ more }: Tallies, { labels, count }: Wording): RowValues[] {
  return more > 0 ? [{ text: labels.andMoreRows(count(more)) }] : []
}
