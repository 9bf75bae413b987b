/** The entries that a hand-over leaves in the history, made from what is stored before it. */
import { and, eq, or, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { ACTION_READERS, EVERY_MANAGER } from '../access/store.ts'
import { isTerminalStatus } from '../actions/derived-store.ts'
import { actionAssignees, actions, plans } from '../db/schema.ts'
import type { StoredUser } from '../people/user-store.ts'
import { entriesFrom, type EntrySet } from '../platform/history-store.ts'
import { openActions } from './store.ts'

const change = (before: SQL, after: SQL) => sql`json_object('before', ${before}, 'after', ${after})`

/** An entry for each plan of the user. */
export function plansHandedOver(user: StoredUser, heir: StoredUser): EntrySet {
  return entriesFrom(
    {
      companyId: user.companyId,
      type: 'plan.updated',
      planId: plans.id,
      actionId: null,
      title: plans.title,
      changes: sql`json_object('createdBy', ${change(sql`${user.id}`, sql`${heir.id}`)})`,
      readers: sql`iif(${plans.audience} = ${EVERY_MANAGER}, NULL, ${`${user.id} ${heir.id} `})`,
      order: [plans.createdAt, plans.id],
    },
    sql`FROM ${plans} WHERE ${eq(plans.createdBy, user.id)}`,
  )
}

const theirs = alias(actionAssignees, 'theirs')
const others = alias(actionAssignees, 'others')

/** An entry for each action that the user made, or is to work on. */
export function actionsHandedOver(user: StoredUser, heir: StoredUser, now: number): EntrySet {
  const isOwn = sql`${actions.createdBy} IS ${user.id}`
  const isOpen = sql`${actions.id} IN ${openActions(user.id, now)}`
  const members = {
    createdBy: sql`CASE WHEN ${isOwn} THEN ${change(sql`${user.id}`, sql`${heir.id}`)} END`,
    assigneeIds: sql`CASE WHEN ${isOpen} THEN ${assigneeIds(user, heir)} END`,
    assignees: sql`CASE WHEN ${isOpen} THEN ${heirState(user, heir)} END`,
    status: sql`CASE WHEN ${isOpen} THEN ${statusChange(heir)} END`,
  }
  const entries = Object.entries(members).map(([name, value]) => sql`${name}, json(${value})`)
  return entriesFrom(
    {
      companyId: user.companyId,
      type: 'action.updated',
      planId: actions.planId,
      actionId: actions.id,
      title: actions.title,
      // A merge patch leaves out the members that are null.
      changes: sql`json_patch('{}', json_object(${sql.join(entries, sql`, `)}))`,
      readers: readersOfHandOver(user, heir, isOpen),
      order: [actions.createdAt, actions.id],
    },
    sql`FROM ${actions} WHERE ${or(eq(actions.createdBy, user.id), isOpen)}`,
  )
}

/** The assignment of somebody to the action. */
function assignment(selected: SQL, userId: string): SQL {
  return sql`(SELECT ${selected} FROM ${actionAssignees}
    WHERE ${and(eq(actionAssignees.actionId, actions.id), eq(actionAssignees.userId, userId))})`
}

function isAssigned({ id }: StoredUser): SQL {
  return sql`(${assignment(sql`1`, id)} IS NOT NULL)`
}

/** The heir takes the place of the user; an heir who is an assignee already keeps the own place. */
function assigneeIds(user: StoredUser, heir: StoredUser): SQL {
  const list = (id: SQL, condition: SQL) =>
    sql`(SELECT json_group_array(${id} ORDER BY ${theirs.position}) FROM ${actionAssignees} AS theirs
      WHERE ${eq(theirs.actionId, actions.id)} AND ${condition})`
  const replaced = sql`iif(${theirs.userId} = ${user.id}, ${heir.id}, ${theirs.userId})`
  const stays = sql`(${theirs.userId} <> ${user.id} OR NOT ${isAssigned(heir)})`
  return change(list(sql`${theirs.userId}`, sql`true`), list(replaced, stays))
}

/** The heir's state, if it changes or is not that of somebody new; `giveAssignments` in store.ts has the rule. */
function heirState(user: StoredUser, heir: StoredUser): SQL {
  const [ofUser, ofHeir] = [user, heir].map(({ id }) => assignment(sql`${actionAssignees.status}`, id))
  const after = sql`iif(${ofHeir} IS 'IN_PROGRESS', 'IN_PROGRESS', ${ofUser})`
  const list = (status: SQL) => sql`json_array(json_object('userId', ${heir.id}, 'status', ${status}))`
  return sql`CASE WHEN coalesce(${ofHeir}, 'NOT_STARTED') <> ${after}
    THEN ${change(sql`iif(${isAssigned(heir)}, ${list(sql`${ofHeir}`)}, json_array())`, list(after))} END`
}

/** An action that only the heir had begun has not begun any more, if an end of the heir's gives way to open work. */
function statusChange(heir: StoredUser): SQL {
  const isBegunByOthers = sql`EXISTS (SELECT 1 FROM ${actionAssignees} AS others
    WHERE ${eq(others.actionId, actions.id)} AND ${others.userId} <> ${heir.id} AND ${others.startedAt} IS NOT NULL)`
  const isEnded = sql`coalesce(${assignment(isTerminalStatus, heir.id)}, 0)`
  return sql`CASE WHEN ${actions.status} = 'IN_PROGRESS' AND ${isEnded} AND NOT ${isBegunByOthers}
    THEN ${change(sql`'IN_PROGRESS'`, sql`'NOT_STARTED'`)} END`
}

/** Everyone who could read before, and the heir; null if the heir could, and the user still can. */
function readersOfHandOver(user: StoredUser, heir: StoredUser, isOpen: SQL): SQL {
  const heirCould = sql`(${actions.createdBy} IS ${heir.id} OR ${actions.audience} = ${heir.id} OR ${isAssigned(heir)})`
  const userStays = sql`(${isAssigned(user)} AND NOT ${isOpen})`
  return sql`CASE WHEN ${actions.audience} = ${EVERY_MANAGER} OR (${heirCould} AND ${userStays}) THEN NULL
    WHEN ${heirCould} THEN ${ACTION_READERS} ELSE ${ACTION_READERS} || ${`${heir.id} `} END`
}
