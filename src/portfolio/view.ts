/** The overview, made from the rows of its counts. Pure. */
import { type Months, QUARTER } from './months.ts'
import type { AreaRow, CountRow } from './overview-store.ts'
import { RollUp } from './roll-up.ts'
import type { OverviewView } from './schemas.ts'

/** The overview over the actions that these rows count. */
export function viewOverview(
  rows: readonly CountRow[],
  areas: readonly AreaRow[],
  months: Months,
): OverviewView {
  const kinds = Map.groupBy(rows, ({ kind }) => kind)
  const combinations = kinds.get('areas') ?? []
  const sum = (member: 'n0' | 'n1' | 'n2' | 'n3' | 'n4' | 'n5' | 'n6', of = combinations) =>
    of.reduce((total, row) => total + row[member], 0)
  const byStatus = {
    NOT_STARTED: sum('n0'),
    IN_PROGRESS: sum('n1'),
    COMPLETED: sum('n2'),
    CANCELLED: sum('n3'),
    EXPIRED: sum('n4'),
  }
  const actions = combinations.reduce((total, row) => total + actionsIn(row), 0)
  return {
    plans: sum('n0', kinds.get('plans')),
    actions,
    completionPercent: percentOf(byStatus.COMPLETED, actions),
    byStatus,
    overdue: sum('n5'),
    dueIn30Days: sum('n6'),
    companyWide: combinations
      .filter(({ key }) => key === '')
      .reduce((total, row) => total + actionsIn(row), 0),
    byArea: areasOf(combinations, areas),
    byAssignee: (kinds.get('assignee') ?? []).map(({ key, text, n0, n1 }) => ({
      userId: key,
      name: text ?? '',
      open: n0,
      overdue: n1,
    })),
    byMonth: monthsOf(kinds.get('due') ?? [], kinds.get('completed') ?? [], months),
  }
}

/** The share in percent, rounded down; 0 of nothing. */
function percentOf(part: number, all: number): number {
  return all === 0 ? 0 : Math.floor((part * 100) / all)
}

function actionsIn({ n0, n1, n2, n3, n4 }: CountRow): number {
  return n0 + n1 + n2 + n3 + n4
}

/** The areas that have actions, in the order of the tree. */
function areasOf(combinations: readonly CountRow[], areas: readonly AreaRow[]): OverviewView['byArea'] {
  const rollUp = new RollUp(areas.map(({ level }) => level))
  for (const row of combinations) {
    const counts = { actions: actionsIn(row), completed: row.n2, overdue: row.n5 }
    if (row.key !== '') rollUp.add(row.key.split(' ').map(Number), counts)
  }
  const totals = rollUp.totals()
  return areas.flatMap(({ id, name }, rank) => {
    const counts = totals[rank]
    return counts && counts.actions > 0 ? [{ hierarchyId: id, name, ...counts }] : []
  })
}

function monthsOf(
  due: readonly CountRow[],
  completed: readonly CountRow[],
  months: Months,
): OverviewView['byMonth'] {
  const byMonth = months.names.map((month) => ({ month, due: 0, completed: 0 }))
  const add = (rows: readonly CountRow[], member: 'due' | 'completed') => {
    for (const { key, n0 } of rows) {
      const entry = byMonth[months.indexOf(Number(key) * QUARTER) ?? -1]
      if (entry) entry[member] += n0
    }
  }
  add(due, 'due')
  add(completed, 'completed')
  return byMonth
}
