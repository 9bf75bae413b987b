/** Actions counted by area and by person. Pure. */
import type { Status } from '../../db/enums.ts'

/** The counts of an area or a person. */
export interface Tally {
  name: string
  actions: number
  /** Not started or in progress; of a person the own assignments. */
  open: number
  completed: number
  overdue: number
}

/** The facts of an action that are counted. */
export interface Countable {
  status: Status
  overdue: boolean
  hierarchies: readonly { id: string; name: string }[]
  assignees: readonly { userId: string; name: string; status: Status }[]
}

/** The tallies with the most open actions, and how many more there are. */
export interface Tallies {
  rows: readonly Tally[]
  more: number
}

export interface Breakdown {
  areas: Tallies
  people: Tallies
}

const isOpen = (status: Status): boolean => status === 'NOT_STARTED' || status === 'IN_PROGRESS'

/**
 * Counts actions that are added one by one, an action once for each of its areas and each of its assignees.
 * @param companyWide names the actions without an area
 * @param limit the most rows of either kind
 */
export function countByAreaAndPerson(
  companyWide: string,
  limit: number,
): { add(action: Countable): void; result(): Breakdown } {
  const areas = new Map<string, Tally>()
  const people = new Map<string, Tally>()
  return {
    add({ status, overdue, hierarchies, assignees }) {
      const targets = hierarchies.length > 0 ? hierarchies : [{ id: '', name: companyWide }]
      for (const { id, name } of targets) count(areas, id, name, status, overdue)
      // What is over for a person is not late for that person, though others may still have to finish.
      for (const { userId, name, status: own } of assignees)
        count(people, userId, name, own, overdue && own !== 'COMPLETED' && own !== 'CANCELLED')
    },
    result: () => ({ areas: ranked(areas, limit), people: ranked(people, limit) }),
  }
}

function count(
  tallies: Map<string, Tally>,
  id: string,
  name: string,
  status: Status,
  overdue: boolean,
): void {
  const tally = tallies.get(id) ?? { name, actions: 0, open: 0, completed: 0, overdue: 0 }
  tallies.set(id, tally)
  tally.actions += 1
  if (isOpen(status)) tally.open += 1
  if (status === 'COMPLETED') tally.completed += 1
  if (overdue) tally.overdue += 1
}

function ranked(tallies: ReadonlyMap<string, Tally>, limit: number): Tallies {
  const rows = [...tallies.values()].sort(
    (one, other) => other.open - one.open || other.actions - one.actions || (one.name < other.name ? -1 : 1),
  )
  return { rows: rows.slice(0, limit), more: Math.max(0, rows.length - limit) }
}
