/** What people ask for, and what it costs D1 in a company of a given size. */
import { type Cost, costAt, type CostBySize, find, type Measured, meanOf, need, SIZES } from './measured.ts'

export interface Kind {
  name: string
  /** Its part of all reads, or of all changes. */
  share: number
  /** Whether RESULTS.md has it. */
  isMeasured: boolean
  costIn: (actions: number) => Cost
}

export interface Mix {
  reads: readonly Kind[]
  changes: readonly Kind[]
}

const isFilter = (of: string) => (name: string) =>
  name.startsWith(`${of}, `) && !/, (default|q |from)/.test(name)

/** Shares are assumptions; costs are measured where the bench has them. */
export function mixOf(measured: Measured): Mix {
  const queries = [...measured.lists.keys()]
  const lists = (names: readonly string[]) => {
    const costs = names.map((name) => find(measured.lists, name))
    return (actions: number) => meanOf(costs.map((cost) => costAt(cost, actions)))
  }
  const search = ['actions, q rare', 'plans, q rare', 'actions, q common', 'plans, q common']
  const write = (name: string) => () => find(measured.writes, name)
  const assumed = (rowsRead: number, rowsWritten: number, milliseconds: number) => () => ({
    rowsRead,
    rowsWritten,
    milliseconds,
  })
  const kind = (name: string, share: number, costIn: Kind['costIn'], isMeasured = true): Kind => ({
    name,
    share,
    costIn,
    isMeasured,
  })
  return {
    reads: [
      kind('default list of actions', 0.2, lists(['actions, default'])),
      kind('default list of plans', 0.1, lists(['plans, default'])),
      kind('a plan', 0.17, lists(['a plan'])),
      kind('filtered list of actions', 0.16, lists(queries.filter(isFilter('actions')))),
      kind('filtered list of plans', 0.08, lists(queries.filter(isFilter('plans')))),
      kind('search, half of it for a common text', 0.03, lists(search)),
      kind('an action, a person, the company, oneself', 0.2, assumed(40, 0, 0.5), false),
      kind('page of the history', 0.03, assumed(170, 0, 1), false),
      kind('calendar, asked for by a program', 0.02, assumed(300, 0, 1), false),
      kind('overview of all plans', 0.0002, (actions) => wholeOf(measured.overview, actions)),
      kind('copy for an export of all plans', 0.000005, (actions) => wholeOf(measured.freeze, actions)),
      kind('sign-in: code, session', 0.006, assumed(10, 6, 1.5), false),
      kind('export of a plan, all its steps', 0.002, assumed(191, 59, 8), false),
    ],
    changes: [
      kind('new action with 2 assignees', 0.2, write('new action with 2 assignees')),
      kind('step of an assignee', 0.35, write('transition, 2 assignees')),
      kind('new note', 0.2, write('new note')),
      kind('new title', 0.13, write('new title')),
      kind('new due date', 0.1, write('new due date')),
      kind('new plan', 0.02, write('new plan')),
    ],
  }
}

/** What looks at all actions costs in proportion to them, also in companies smaller than those that were measured. */
function wholeOf(costs: CostBySize, actions: number): Cost {
  const cost = costAt(costs, actions)
  const part = Math.min(1, actions / SIZES[0])
  return {
    rowsRead: cost.rowsRead * part,
    rowsWritten: cost.rowsWritten * part,
    milliseconds: Math.max(0.5, cost.milliseconds * part),
  }
}

/** Kinds with their part of all requests. */
export function kindsOf({ reads, changes }: Mix, changeShare: number): Kind[] {
  const scaled = (kinds: readonly Kind[], share: number) => {
    const all = kinds.reduce((sum, kind) => sum + kind.share, 0)
    return kinds.map((kind) => ({ ...kind, share: (kind.share / all) * share }))
  }
  return [...scaled(reads, 1 - changeShare), ...scaled(changes, changeShare)]
}

/** The part of all requests that kinds have whose names begin so. */
export function shareOf(kinds: readonly Kind[], name: string): number {
  return kinds.reduce((sum, kind) => sum + (kind.name.startsWith(name) ? kind.share : 0), 0)
}

/** The mean request in a company of the size, and the mean square of its time, which says how much requests differ. */
export interface MeanRequest extends Cost {
  squaredMilliseconds: number
}

export function meanRequest(kinds: readonly Kind[], actions: number): MeanRequest {
  const mean = { rowsRead: 0, rowsWritten: 0, milliseconds: 0, squaredMilliseconds: 0 }
  for (const { share, costIn } of kinds) {
    const cost = costIn(actions)
    mean.rowsRead += share * cost.rowsRead
    mean.rowsWritten += share * cost.rowsWritten
    mean.milliseconds += share * cost.milliseconds
    mean.squaredMilliseconds += share * cost.milliseconds ** 2
  }
  return mean
}

const STEPS_A_DECADE = 8
const DECADES = 6

/** The same from a table over sizes from 1 to a million, since a simulation asks for it very often. */
export function tabulated(kinds: readonly Kind[]): (actions: number) => MeanRequest {
  const means = Array.from({ length: DECADES * STEPS_A_DECADE + 1 }, (_, step) =>
    meanRequest(kinds, 10 ** (step / STEPS_A_DECADE)),
  )
  return (actions) => {
    const step = Math.round(Math.log10(Math.max(1, actions)) * STEPS_A_DECADE)
    return need(means, Math.min(means.length - 1, step))
  }
}
