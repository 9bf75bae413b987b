/** Reads the frozen copy of the portfolio for a workbook, in portions, so that its rows are never in memory together. */
import { pathBelow } from '../actions/sheet-columns.ts'
import { stateAt } from '../actions/lifecycle.ts'
import type { Database } from '../platform/database.ts'
import { portionsOf } from './frozen-copy.ts'
import { type FrozenRow, readFrozenPlanRow, readFrozenRow } from './frozen-portfolio-store.ts'
import { frozenActions, frozenOutline } from './freeze-store.ts'
import { frozenAreas, frozenDescription, frozenPlans } from './portfolio-freeze-store.ts'
import type {
  PortfolioAction,
  PortfolioArea,
  PortfolioContent,
  PortfolioPlan,
} from './workbook/portfolio/content.ts'

export interface PortfolioCopy extends Pick<PortfolioContent, 'areas' | 'plans' | 'actions'> {
  /** Weight of each action, in order. */
  bytes: readonly number[]
}

/**
 * Opens the frozen copy of an export.
 * @param now the moment as of which it was frozen (Unix milliseconds)
 * @param onPortion called before each further read, so that the builder can prolong its lease
 */
export async function openPortfolioCopy(
  database: Database,
  exportId: string,
  now: number,
  onPortion: () => Promise<void>,
): Promise<PortfolioCopy> {
  const [outline] = await database.batch([frozenOutline(database, exportId)])
  const bytes = outline.map((action) => action.bytes)
  const areas = await readAreas(database, exportId)
  const placeOf = new Map(areas.map(({ id }, place) => [id, place]))

  async function* actions(start: number, end: number): AsyncGenerator<PortfolioAction> {
    for (const [first, next] of portionsOf(bytes, start, end)) {
      await onPortion()
      const [rows] = await database.batch([frozenActions(database, exportId, first, next)])
      for (const [index, { summary }] of rows.entries()) {
        const { hierarchyIds, ...row } = readFrozenRow(summary)
        const isFirstOfFile = index === 0 && first === start && start > 0
        const planDescription = isFirstOfFile ? await descriptionAt(start, row) : row.planDescription
        const areas = hierarchyIds.flatMap((id) => placeOf.get(id) ?? [])
        yield { ...row, ...stateAt(now, row), areas, planDescription }
      }
    }
  }

  /** That of the plan: in the copy only its first action has it, which may be in the file before. */
  async function descriptionAt(
    position: number,
    { planId, planTitle, planDescription }: Omit<FrozenRow, 'hierarchyIds'>,
  ): Promise<string | null> {
    // A plan that its reader may not read has no title and no description anywhere.
    if (planDescription !== null || planTitle === null) return planDescription
    const [[found]] = await database.batch([frozenDescription(database, exportId, planId, position)])
    return found?.description ?? null
  }

  async function* plans(): AsyncGenerator<PortfolioPlan> {
    for (let after = -1; ;) {
      await onPortion()
      const [rows] = await database.batch([frozenPlans(database, exportId, after)])
      for (const { planId, plan } of rows) yield { planId, ...readFrozenPlanRow(plan) }
      const last = rows.at(-1)
      if (!last) return
      after = last.position
    }
  }

  return { bytes, areas, plans, actions: { length: bytes.length, slice: actions } }
}

async function readAreas(database: Database, exportId: string): Promise<PortfolioArea[]> {
  const rows: { id: string; name: string; parentId: string | null; position: number | null }[] = []
  for (let after: string | null = ''; after !== null;) {
    const [portion]: [typeof rows] = await database.batch([frozenAreas(database, exportId, after)])
    rows.push(...portion)
    after = portion.at(-1)?.id ?? null
  }
  rows.sort((one, other) => (one.position ?? 0) - (other.position ?? 0))
  const known = new Map<string, PortfolioArea>()
  // An area comes after the one that it lies in.
  return rows.map(({ id, name, parentId }) => {
    const above = parentId === null ? undefined : known.get(parentId)
    const path = pathBelow(above?.path ?? null, name)
    const area = { id, name, path, level: above ? above.level + 1 : 0 }
    known.set(id, area)
    return area
  })
}
