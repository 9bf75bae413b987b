/** Examples for the reference: the demo data (platform/demo.ts) at a glance. */
import { DEMO } from '../platform/demo.ts'
import type { OverviewView } from './schemas.ts'

const MONTHS = Array.from({ length: 25 }, (_, index) =>
  new Date(Date.UTC(2025, 9 + index)).toISOString().slice(0, 7),
)

const BY_MONTH: Record<string, { due: number; completed: number }> = {
  '2026-09': { due: 0, completed: 2 },
  '2026-10': { due: 4, completed: 0 },
  '2026-12': { due: 2, completed: 0 },
}

export const exampleOverview: OverviewView = {
  plans: 3,
  actions: 11,
  completionPercent: 27,
  byStatus: { NOT_STARTED: 2, IN_PROGRESS: 4, COMPLETED: 3, CANCELLED: 1, EXPIRED: 1 },
  overdue: 1,
  dueIn30Days: 2,
  companyWide: 4,
  byArea: [
    { hierarchyId: DEMO.wholeCompany, name: 'Acme', actions: 7, completed: 3, overdue: 0 },
    { hierarchyId: DEMO.area, name: 'Technology', actions: 3, completed: 2, overdue: 0 },
  ],
  byAssignee: [
    { userId: DEMO.marc, name: 'Marc Oliver', open: 3, overdue: 0 },
    { userId: DEMO.noa, name: 'Noa Levi', open: 3, overdue: 0 },
    { userId: DEMO.ana, name: 'Ana García', open: 2, overdue: 0 },
  ],
  byMonth: MONTHS.map((month) => ({ month, due: 0, completed: 0, ...BY_MONTH[month] })),
}
