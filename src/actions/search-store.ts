/**
 * How lists find their actions: the one place that decides which index answers a filter.
 *
 * What a user reads has three parts without overlap: the actions whose audience is every manager, those whose audience
 * is the user, and the personal ones, which the user reads as creator or assignee only. The first two are read from
 * indexes that begin with the audience; the personal ones are few, and are looked at one by one.
 */
import { eq, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { Status } from '../db/enums.ts'
import { allOf, constant } from '../db/rows.ts'
import { actionAssignees, actionHierarchies, actions } from '../db/schema.ts'
import type { ReadScope } from '../platform/request.ts'
import type { Slice } from '../platform/schemas.ts'
import { fold } from '../platform/text.ts'
import { type ActionFilter, hasText, isFiltering, isMeeting, isReadable } from './filter.ts'
import {
  audiencesOf,
  clockArm,
  dueList,
  expiredByClock,
  IS_LISTED,
  isOfAudience,
  keptTotal,
  kindsArm,
  list,
  personalTotal,
  type Reader,
  statusArms,
} from './reader-lists-store.ts'

/** Where the actions of a list come from, as parts of a query. */
export interface Search {
  /** Common table expressions that the other parts refer to. */
  named: readonly SQL[]
  /** Number of actions, as an expression. */
  total: SQL
  /** A query of the columns `created_at` and `id`: a page of them, newest first. */
  page: (slice: Slice) => SQL
}

/** Up to this many actions are collected and sorted; of more, the newest are found by walking a list. */
const FEW = 2_000

const NEWEST = sql`ORDER BY created_at DESC, id DESC`
const ROW = constant(
  sql`${actions.createdAt} AS created_at, ${actions.id} AS id, ${actions.planId} AS plan_id,
    ${actions}.rowid AS row_id`,
)
const ROW_COLUMNS = sql`created_at, id, plan_id, row_id`

function limited({ from, limit }: Slice): SQL {
  return sql`LIMIT ${limit} OFFSET ${from}`
}

function unionAll(arms: readonly SQL[]): SQL {
  return sql.join([...arms], sql` UNION ALL `)
}

/** Everything that the user reads. Two kept numbers; a page is merged from lists that are ordered already. */
export function everything(scope: Reader): Search {
  const { companyId, userId } = scope
  const ofAudience = (audience: string) =>
    sql`SELECT ${actions.createdAt} AS created_at, ${actions.id} AS id FROM ${actions} INDEXED BY actions_newest
      WHERE ${eq(actions.companyId, companyId)} AND ${eq(actions.audience, audience)} AND ${IS_LISTED}`
  const assigned = sql`SELECT ${actionAssignees.createdAt}, ${actionAssignees.actionId} FROM ${actionAssignees}
    WHERE ${eq(actionAssignees.userId, userId)} AND ${actionAssignees.isCreator} = 0`
  const created = sql`SELECT ${actions.createdAt}, ${actions.id} FROM ${actions}
      INDEXED BY actions_of_another_audience
    WHERE ${eq(actions.createdBy, userId)} AND audience <> '*' AND audience <> created_by`
  // An action that is assigned to the user is often of an audience as well; UNION leaves one of the two.
  const merged = sql.join([...audiencesOf(scope).map(ofAudience), assigned, created], sql` UNION `)
  return {
    named: [],
    total: sql`((${keptTotal({}, scope)}) + ${personalTotal(scope)})`,
    page: (slice) => sql`SELECT created_at, id FROM (${merged} ${NEWEST} ${limited(slice)})`,
  }
}

/**
 * `personal`, with the columns of `ROW`: the personal actions that meet the filter. Nothing is read if the kept number says
 * that the user has none, or unless the condition `wanted` holds.
 */
function personalActions(filter: ActionFilter, scope: ReadScope, wanted: SQL = sql`true`): SQL {
  const { userId } = scope
  const user = sql`(SELECT ${userId} WHERE ${personalTotal(scope)} > 0 AND ${wanted})`
  const meets = isMeeting(filter, scope)
  return sql`personal (${ROW_COLUMNS}) AS MATERIALIZED (
    SELECT ${ROW} FROM ${actionAssignees} CROSS JOIN ${actions} ON ${eq(actions.id, actionAssignees.actionId)}
      WHERE ${eq(actionAssignees.userId, user)} AND ${actionAssignees.isCreator} = 0
        AND ${actions.audience} NOT IN (${list(audiencesOf(scope))}) AND ${meets}
    UNION ALL SELECT ${ROW} FROM ${actions} INDEXED BY actions_of_another_audience
      WHERE ${eq(actions.createdBy, user)} AND audience <> '*' AND audience <> created_by AND ${meets})`
}

const PERSONAL = sql`SELECT ${ROW_COLUMNS} FROM personal`

export type ActionListFilter = ActionFilter & { planId?: string | undefined }

/** The actions that the user reads and that meet the filter. */
export function matchingActions(filter: ActionListFilter, scope: ReadScope): Search {
  const named = foundActions(filter, scope)
  if (named === null) return walked(filter, scope)
  return {
    named,
    total: sql`(SELECT count(*) FROM found)`,
    page: (slice) => sql`SELECT created_at, id FROM found ${NEWEST} ${limited(slice)}`,
  }
}

/**
 * Common table expressions of which the last is `found (created_at, id, plan_id, row_id)`: the actions that the user reads
 * and that meet the filter. Null if the filter has only status, type, focus type and `overdue=false`, for which it is better
 * not to collect all of them.
 */
export function foundActions(filter: ActionListFilter, scope: ReadScope): SQL[] | null {
  const { planId, ...filters } = filter
  const {
    hierarchyId,
    assigneeId,
    q,
    overdue: _overdue,
    dueFrom: _dueFrom,
    dueTo: _dueTo,
    ...kinds
  } = filters
  const { status: _status, actionType: _actionType, focusType: _focusType, ...others } = kinds
  const isLinked = assigneeId !== undefined || hierarchyId !== undefined
  if (planId !== undefined) return found([ofPlan(planId, filters, scope)])
  if (isLinked) return linked(filters, scope)
  if (isDated(filter)) return [personalActions(filters, scope), ...found([dated(filters, scope), PERSONAL])]
  if (q !== undefined && q !== '') return withText(filters, q, scope)
  if (isFiltering(others))
    return [personalActions(filters, scope), ...found([unlisted(filters, scope), PERSONAL])]
  return null
}

/** As `foundActions`, but whatever the filter is: for what is made of all of them. */
export function collectedActions(filter: ActionFilter, scope: ReadScope): SQL[] {
  const { status } = filter
  const arms =
    status === undefined
      ? [unlisted(filter, scope)]
      : ofStatus(status, filter, scope, sql`${scope.companyId}`)
  return foundActions(filter, scope) ?? [personalActions(filter, scope), ...found([...arms, PERSONAL])]
}

/** By a filter that no index answers: all actions of the user's audiences are looked at. */
function unlisted(filter: ActionFilter, scope: ReadScope): SQL {
  return sql`SELECT ${ROW} FROM ${actions} INDEXED BY actions_newest
    WHERE ${isOfAudience(scope)} AND ${isMeeting(filter, scope)}`
}

function found(arms: readonly SQL[]): SQL[] {
  return [sql`found (${ROW_COLUMNS}) AS MATERIALIZED (${unionAll(arms)})`]
}

/** The conditions on an action that was found by a link: that the user reads it, and the filters that are left. */
function isFound(filter: ActionFilter, scope: ReadScope): SQL {
  return allOf([sql`+${actions.companyId} = ${scope.companyId}`, isReadable(scope), isMeeting(filter, scope)])
}

/** By plan: all its actions are looked at. */
function ofPlan(planId: string, filter: ActionFilter, scope: ReadScope): SQL {
  return sql`SELECT ${ROW} FROM ${actions} WHERE ${eq(actions.planId, planId)} AND ${isFound(filter, scope)}`
}

/** Condition: the list has at most `FEW` entries. Of a longer one, no more are counted. */
function isShort(entries: SQL): SQL {
  return sql`(SELECT count(*) FROM (SELECT 1 ${entries} LIMIT ${FEW + 1})) <= ${FEW}`
}

/** A list that holds all actions that meet the filter, and others. */
interface Link {
  isShort: SQL
  id: string
  /** A query of the actions that meet the filter. It reads nothing if `id`, the first column of the list's index, is NULL. */
  arm: (id: SQL) => SQL
}

/** The list of what hangs on one person or area. `others` are the filters besides. */
function linkBy(
  { actionId, key }: { actionId: SQLiteColumn; key: SQLiteColumn },
  id: string,
  others: ActionFilter,
  scope: ReadScope,
): Link {
  const links = key.table
  return {
    id,
    isShort: isShort(sql`FROM ${links} WHERE ${eq(key, id)}`),
    arm: (wanted) => sql`SELECT ${ROW} FROM ${links} CROSS JOIN ${actions} ON ${eq(actions.id, actionId)}
      WHERE ${key} = ${wanted} AND ${isFound(others, scope)}`,
  }
}

const ASSIGNMENTS = { actionId: actionAssignees.actionId, key: actionAssignees.userId }
const AREAS = { actionId: actionHierarchies.actionId, key: actionHierarchies.hierarchyId }

/**
 * By assignee or area: what hangs on it is looked at one by one. If that is more than `FEW` actions, the area, the due
 * date, or status, type and focus type are driven by instead, if they have fewer; or else the first of these.
 */
function linked(filter: ActionFilter, scope: ReadScope): SQL[] {
  const { assigneeId, hierarchyId, ...others } = filter
  const links = [
    ...(assigneeId === undefined ? [] : [linkBy(ASSIGNMENTS, assigneeId, { hierarchyId, ...others }, scope)]),
    ...(hierarchyId === undefined ? [] : [linkBy(AREAS, hierarchyId, { assigneeId, ...others }, scope)]),
  ]
  const listed = ofLists(filter, scope)
  const short = [...links, ...(listed ? [listed] : [])].map((way) => way.isShort)
  if (short.length === 1) return found(links.map(({ id, arm }) => arm(sql`${id}`)))
  const isWay = (index: number) => sql`(SELECT way = ${index} FROM driven)`
  const cases = short.map((condition, index) => sql`WHEN ${condition} THEN ${index}`)
  return [
    sql`driven (way) AS MATERIALIZED (SELECT CASE ${sql.join(cases, sql` `)} ELSE 0 END)`,
    sql`amount (company_id, is_few) AS MATERIALIZED (SELECT ${scope.companyId}, 1 WHERE ${isWay(links.length)})`,
    personalActions(filter, scope, isWay(links.length)),
    ...found([
      ...links.map(({ id, arm }, index) => arm(sql`(SELECT ${id} WHERE ${isWay(index)})`)),
      ...(listed ? [...listed.arms, PERSONAL] : []),
    ]),
  ]
}

/** By due date; or if the filter has none, by status, type and focus type: the arms read nothing unless `IF_FEW`. */
function ofLists(filter: ActionFilter, scope: ReadScope): { isShort: SQL; arms: readonly SQL[] } | null {
  const { status, actionType, focusType, overdue, dueFrom, dueTo } = filter
  if (isDated(filter)) {
    const entries = dueList({ status, overdue }, scope, isMeeting({ dueFrom, dueTo }, scope))
    return { isShort: isShort(entries), arms: [dated(filter, scope, IF_FEW)] }
  }
  if (!isOfKind(filter)) return null
  // The list of a status is walked whole.
  const walkedKinds = status === undefined ? { actionType, focusType } : { status }
  return { isShort: isFew(walkedKinds, scope, sql`${FEW}`), arms: fewOnes(filter, scope) }
}

function isDated({ overdue, dueFrom, dueTo }: ActionFilter): boolean {
  return overdue === true || dueFrom !== undefined || dueTo !== undefined
}

function isOfKind({ status, actionType, focusType }: ActionFilter): boolean {
  return status !== undefined || actionType !== undefined || focusType !== undefined
}

/** By due date: a range of the index for each status. */
function dated(filter: ActionFilter, scope: ReadScope, company?: SQL): SQL {
  return sql`SELECT ${ROW} ${dueList(filter, scope, isMeeting(filter, scope), company)}`
}

/**
 * By text. If the index of trigrams finds only a few candidates in the whole database, they are looked at one by one.
 * Otherwise the texts of all actions of the user's audiences are read, from an index that holds little else; or, if only
 * a few actions meet the other filters, the texts of those.
 */
function withText(filter: ActionFilter, q: string, scope: ReadScope): SQL[] {
  const isNarrowed = isOfKind(filter)
  const trigrams = trigramsOf(fold(q))
  const isRare = sql`(SELECT count(*) BETWEEN ${Number(trigrams === null)} AND ${FEW} FROM candidates)`
  const candidates =
    trigrams === null
      ? sql`SELECT 0 WHERE false`
      : sql`SELECT rowid FROM action_texts WHERE action_texts MATCH ${trigrams} LIMIT ${FEW + 1}`
  return [
    sql`candidates (id) AS MATERIALIZED (${candidates})`,
    personalActions(filter, scope, sql`NOT ${isRare}`),
    amountOf(isNarrowed ? filter : null, scope, isRare),
    ...found([
      sql`SELECT ${ROW} FROM candidates CROSS JOIN ${actions} ON ${actions}.rowid = candidates.id
        WHERE ${isRare} AND ${actions.companyId} = ${scope.companyId} AND ${isReadable(scope)}
          AND ${isMeeting(filter, scope)}`,
      sql`SELECT ${ROW} FROM ${actions} INDEXED BY actions_newest
        WHERE ${isOfAudience(scope, IF_MANY)} AND ${hasText(q)} AND ${isMeeting({ ...filter, q: '' }, scope)}`,
      ...(isNarrowed ? fewOnes(filter, scope) : []),
      PERSONAL,
    ]),
  ]
}

const TRIGRAM = 3
const MOST_TRIGRAMS = 32

/** A query for texts with the trigrams of `q`; null if it has none. Of a long `q`, some trigrams are enough. */
function trigramsOf(q: string): string | null {
  const characters = Array.from(q)
  // SQLite would read the query only up to a NUL, and no stored text has one.
  if (characters.length < TRIGRAM || q.includes('\0')) return null
  const count = characters.length - TRIGRAM + 1
  const step = Math.ceil(count / MOST_TRIGRAMS)
  const starts = Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step)
  const texts = starts.map((start) => characters.slice(start, start + TRIGRAM).join(''))
  return texts.map((text) => `"${text.replaceAll('"', '""')}"`).join(' AND ')
}

// At most one of the two is the id of the company, the others are NULL. A search for NULL reads nothing, while SQLite
// would evaluate a condition with a subquery for each row.
const IF_FEW = sql`(SELECT company_id FROM amount WHERE is_few)`
const IF_MANY = sql`(SELECT company_id FROM amount WHERE NOT is_few)`

/**
 * `amount`: whether at most `FEW` actions are to be collected: those of the user's audiences that meet the filters on
 * status, type and focus type. The list of types has the actions of all audiences, so it must be short as well.
 * @param filter null if there is none of these filters
 * @param settled holds if neither few nor many are to be read
 */
function amountOf(filter: ActionFilter | null, scope: ReadScope, settled: SQL = sql`false`): SQL {
  // A row of a status's list costs about four times as much as one of the texts.
  const most = sql`(${keptTotal({}, scope)}) / 4`
  return sql`amount (company_id, is_few) AS MATERIALIZED (
    SELECT ${scope.companyId}, ${filter === null ? sql`false` : isFew(filter, scope, most)} WHERE NOT ${settled})`
}

/**
 * Condition: few actions of the user's audiences meet the filters on status, type and focus type.
 * @param most so many with a status, which has a list of its own, are few
 */
function isFew(filter: ActionFilter, scope: ReadScope, most: SQL): SQL {
  const { status } = filter
  const clock = status === 'EXPIRED' ? [sql`(${expiredByClock(filter, scope)})`] : []
  const total = sql.join([sql`(${keptTotal(filter, scope)})`, ...clock], sql` + `)
  const listed = isShort(kindsArm(filter, sql`${scope.companyId}`))
  return status === undefined
    ? sql`CASE WHEN ${total} <= ${FEW} THEN ${listed} ELSE 0 END`
    : sql`(${total}) <= ${most}`
}

/** By status: its list, and for EXPIRED also the due dates. */
function ofStatus(status: Status, filter: ActionFilter, scope: ReadScope, company: SQL): SQL[] {
  return statusArms(status, scope, company).map(
    ({ from, where }) => sql`SELECT ${ROW} ${from} WHERE ${where} AND ${isMeeting(filter, scope)}`,
  )
}

/**
 * Queries of the actions of the user's audiences that meet the filter, by status or by type and focus type. They read
 * nothing if there are many.
 */
function fewOnes(filter: ActionFilter, scope: ReadScope): SQL[] {
  const { status } = filter
  if (status !== undefined) return ofStatus(status, filter, scope, IF_FEW)
  return [
    sql`SELECT ${ROW} ${kindsArm(filter, IF_FEW)} AND ${actions.audience} IN (${list(audiencesOf(scope))})
      AND ${isMeeting(filter, scope)}`,
  ]
}

/**
 * By status, type and focus type: the total comes from kept counts, corrected by what the clock has expired. The page is
 * found by walking the list of the status, or that of all actions, newest first; if there are few, they are collected.
 */
function walked(filter: ActionFilter, scope: ReadScope): Search {
  const { status, actionType, focusType, overdue } = filter
  const isNarrowed = actionType !== undefined || focusType !== undefined
  const mayBeFew = status === undefined && isNarrowed
  const ofAudience = (audience: string): SQL => {
    const company = mayBeFew ? IF_MANY : scope.companyId
    const own = sql`${actions.companyId} = ${company} AND ${eq(actions.audience, audience)} AND ${IS_LISTED}`
    return status === undefined
      ? sql`SELECT ${ROW} FROM ${actions} INDEXED BY actions_newest WHERE ${own} AND ${isMeeting(filter, scope)}`
      : sql`SELECT ${ROW} FROM ${actions} INDEXED BY actions_by_status
          WHERE ${own} AND ${eq(actions.status, status)} AND ${isMeeting(filter, scope)}`
  }
  const clock = clockArm(scope)
  const arms = [
    ...audiencesOf(scope).map(ofAudience),
    ...(mayBeFew ? fewOnes(filter, scope) : []),
    ...(status === 'EXPIRED'
      ? [sql`SELECT ${ROW} ${clock.from} WHERE ${clock.where} AND ${isMeeting(filter, scope)}`]
      : []),
    PERSONAL,
  ]
  const kept = sql`(${keptTotal(filter, scope)})`
  const expired = sql`(${expiredByClock(filter, scope)})`
  const sums = [
    kept,
    ...(status === 'EXPIRED' ? [sql`+ ${expired}`] : status === 'IN_PROGRESS' ? [sql`- ${expired}`] : []),
    ...(overdue === false ? [sql`- (${overdueOnes(filter, scope)})`] : []),
    sql`+ (SELECT count(*) FROM personal)`,
  ]
  return {
    named: [personalActions(filter, scope), ...(mayBeFew ? [amountOf(filter, scope)] : [])],
    total: sql`(${sql.join(sums, sql` `)})`,
    page: (slice) => sql`SELECT created_at, id FROM (${unionAll(arms)} ${NEWEST} ${limited(slice)})`,
  }
}

/**
 * `doubtful (id)`: the plans of whose actions the plan's facets do not tell all that the user can see, because some have
 * another audience than the plan, or because the clock has changed some. Whether such a plan meets the filter is found
 * out from its actions. `filter` is one for which `foundActions` is null.
 */
export function doubtfulPlans(filter: ActionFilter, scope: ReadScope): SQL[] {
  const { status, overdue } = filter
  const clock = clockArm(scope)
  const arms = [
    sql`SELECT plan_id FROM personal`,
    ...(status === 'IN_PROGRESS' || status === 'EXPIRED'
      ? [sql`SELECT ${actions.planId} ${clock.from} WHERE ${clock.where}`]
      : []),
    ...(overdue === false ? [sql`SELECT plan_id FROM (${dated({ ...filter, overdue: true }, scope)})`] : []),
  ]
  return [
    personalActions(filter, scope),
    sql`doubtful (id) AS MATERIALIZED (${sql.join(arms, sql` UNION `)})`,
  ]
}

/** A query of the number of overdue actions of the user's audiences that meet the filter otherwise. */
function overdueOnes(filter: ActionFilter, scope: ReadScope): SQL {
  return sql`SELECT count(*) FROM (${dated({ ...filter, overdue: true }, scope)})`
}
