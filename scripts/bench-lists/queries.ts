/** The queries that are measured. */
import type { BenchCompany } from './company.ts'

export const PLANS = '/api/v1/company/action-plans'
const ACTIONS = '/api/v1/company/actions'
export const HISTORY = '/api/v1/company/history'
const DAY = 24 * 3600 * 1000

export interface BenchQuery {
  name: string
  path: string
  /** The default list to hold it against. */
  plain: string
}

export function queriesOf({ largePlanId, planId, managerId, areaId }: BenchCompany): BenchQuery[] {
  const soon = new Date(Date.now() + 2 * DAY).toISOString()
  const filters = {
    default: '',
    COMPLETED: 'status=COMPLETED',
    IN_PROGRESS: 'status=IN_PROGRESS',
    EXPIRED: 'status=EXPIRED',
    MANAGER: 'actionType=MANAGER',
    COMPANY: 'actionType=COMPANY',
    SCORE: 'focusType=SCORE',
    ENPS: 'focusType=ENPS',
    assignee: `assigneeId=${managerId}`,
    area: `hierarchyId=${areaId}`,
    'area and SCORE': `hierarchyId=${areaId}&focusType=SCORE`,
    'COMPLETED and SCORE': 'status=COMPLETED&focusType=SCORE',
    'all but q': `status=NOT_STARTED&focusType=HI&actionType=MANAGER&assigneeId=${managerId}&hierarchyId=${areaId}`,
    overdue: 'overdue=true',
    'not overdue': 'overdue=false',
    'due in two days': `dueFrom=${new Date().toISOString()}&dueTo=${soon}`,
    'q rare': 'q=zeppelin',
    'q common': 'q=feedback',
    'q of 2 characters': 'q=fe',
    'q none': 'q=xylophone',
    'q common and COMPLETED': 'q=feedback&status=COMPLETED',
    'from=9000': 'from=9000&to=9010',
  }
  const lists = (name: string, list: string): BenchQuery[] =>
    Object.entries(filters)
      .filter(([filter]) => name === 'actions' || filter !== 'from=9000')
      .map(([filter, query]) => ({ name: `${name}, ${filter}`, path: `${list}?${query}`, plain: list }))
  return [
    ...lists('actions', ACTIONS),
    ...lists('plans', PLANS),
    { name: 'overview, default', path: `${PLANS}/overview`, plain: PLANS },
    { name: 'overview, COMPLETED', path: `${PLANS}/overview?status=COMPLETED`, plain: PLANS },
    { name: 'overview, area', path: `${PLANS}/overview?hierarchyId=${areaId}`, plain: PLANS },
    { name: 'a plan', path: `${PLANS}/${planId}`, plain: PLANS },
    { name: 'a large plan', path: `${PLANS}/${largePlanId}`, plain: PLANS },
    { name: 'a slice of a large plan', path: `${ACTIONS}?planId=${largePlanId}`, plain: ACTIONS },
  ]
}

/**
 * Reading the history, in pages as long as a page of the default list.
 * @param cursor of a gap that has newer entries
 */
export function historyQueriesOf({ largePlanId, managerId }: BenchCompany, cursor: string): BenchQuery[] {
  const since = new Date(Date.now() - DAY / 24).toISOString()
  const filters = {
    newest: '',
    plan: `planId=${largePlanId}&`,
    actor: `actorId=${managerId}&`,
    type: 'type=note.added&',
    since: `since=${since}&`,
    later: `before=${cursor}&`,
    'all access changes': 'type=access.changed&',
  }
  return [
    ...Object.entries(filters).map(([filter, query]) => ({
      name: `history, ${filter}`,
      path: `${HISTORY}?${query}limit=10`,
      plain: ACTIONS,
    })),
    { name: 'history, feed', path: `${HISTORY}/feed?after=${cursor}&limit=10`, plain: ACTIONS },
    { name: 'history, feed at its start', path: `${HISTORY}/feed`, plain: ACTIONS },
  ]
}
