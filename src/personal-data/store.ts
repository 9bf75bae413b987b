/**
 * What is kept about and by one user, read by the user's id. Each list is read in portions by weight: a person may have
 * made more than fits into memory.
 *
 * Left out: hashes (of tokens, addresses and Idempotency-Keys; by the latter, which are kept for a day, no person can be
 * found), what is computed from rows that are shown (counts, audiences, folded texts), and the copies that an export
 * freezes while it is built. What others wrote is theirs, also where it names the person.
 */
import { eq, type SQL, sql } from 'drizzle-orm'
import { isExpiredByClock } from '../actions/filter.ts'
import { isTerminalStatus } from '../actions/derived-store.ts'
import { ACTION } from '../actions/store.ts'
import type { Status } from '../db/enums.ts'
import { allOf, jsonRows, type RowOf, type Selection, select, selectRaw } from '../db/rows.ts'
import {
  accessKeys,
  actionAssignees,
  actions,
  calendars,
  companies,
  exportFiles,
  exports,
  history,
  linkMails,
  notes,
  plans,
  reminders,
  sessions,
  signInCodes,
  users,
  webhooks,
} from '../db/schema.ts'
import { USER_COLUMNS } from '../people/user-store.ts'
import type { Database } from '../platform/database.ts'
import type { ReadScope } from '../platform/request.ts'
import type { Statement } from '../platform/write.ts'
import { readTold } from '../reminders/content.ts'
import { WEBHOOK } from '../webhooks/store.ts'

const ME = { user: USER_COLUMNS, companyName: companies.name }

/** The user and the name of the company. */
export function meWithCompany(database: Database, { companyId, userId }: ReadScope) {
  return select(database, ME)
    .from(users)
    .innerJoin(companies, eq(companies.id, users.companyId))
    .where(allOf([eq(users.id, userId), eq(users.companyId, companyId)]))
}

/** Where a portion of a list begins, and how much of the list it may look at. */
export interface Start {
  /** The place of the last row that was read; null at the beginning. */
  after: readonly (string | number)[] | null
  /** The most rows to look at. */
  rows: number
  /** No row is read once the rows before it weigh so many bytes. */
  bytes: number
}

/** A portion to read: the statement, and its rows with the start of the next portion. */
export interface Portion<Item> {
  statement: Statement
  read: (rows: unknown) => { items: Item[]; next: Pick<Start, 'after' | 'rows'> | null }
}

/** A list of one user: the columns that order it, an upper bound for the JSON of a row, and the tables to read. */
interface Source<S extends Selection> {
  owner: SQL
  place: readonly SQL[]
  bytes: SQL
  from: SQL
  joins?: SQL
  item: S
}

const MOST_ROWS = 500

function portionOf<S extends Selection>(
  database: Database,
  userId: string,
  { owner, place, bytes, from, joins = sql``, item }: Source<S>,
  { after, rows: most, bytes: mostBytes }: Start,
): Portion<RowOf<S>> {
  const names = place.map((_, index) => sql.raw(`place${String(index)}`))
  const list = (parts: readonly SQL[]) => sql.join([...parts], sql`, `)
  const isLater =
    after === null ? sql`1` : sql`(${list(place)}) > (${list(after.map((value) => sql`${value}`))})`
  const ahead = sql`SELECT ${list(place.map((column, index) => sql`${column} AS ${names[index]}`))}, ${bytes} AS bytes
    FROM ${from} WHERE ${owner} = ${userId} AND ${isLater} ORDER BY ${list(place)} LIMIT ${most}`
  const isSame = allOf([
    sql`${owner} = ${userId}`,
    ...place.map((column, index) => sql`${column} = ahead.${names[index]}`),
  ])
  const selection = {
    counted: sql<number>`ahead.counted`,
    place: sql<string>`json_array(${list(names.map((name) => sql`ahead.${name}`))})`,
    item,
  }
  // CROSS JOIN has SQLite take the rows ahead first and look each row up.
  const statement = selectRaw(
    database,
    selection,
    (columns) => sql`SELECT ${columns}
      FROM (SELECT *, count(*) OVER () AS counted, sum(bytes) OVER (ORDER BY ${list(names)}) - bytes AS before
        FROM (${ahead})) AS ahead
      CROSS JOIN ${from} ON ${isSame} ${joins}
      WHERE ahead.before < ${mostBytes} ORDER BY ${list(names.map((name) => sql`ahead.${name}`))}`,
  )
  return {
    statement,
    read(result) {
      // The rows of the statement above.
      const rows = result as { counted: number; place: string; item: RowOf<S> }[]
      const last = rows.at(-1)
      const isComplete = !last || (rows.length === last.counted && rows.length < most)
      return {
        items: rows.map((row) => row.item),
        next: isComplete
          ? null
          : {
              // Written by `json_array` of the columns of the place.
              after: JSON.parse(last.place) as (string | number)[],
              // Heavy rows fill a portion early, so that it need not look at many.
              rows: Math.min(2 * rows.length + 20, MOST_ROWS),
            },
      }
    },
  }
}

/** The row id, in whose order SQLite keeps what is equal in an index. */
const rowId = (table: SQL) => sql`${table}.rowid`

/** The list of a user's rows in a table with row ids. */
function rowsOf<S extends Selection>(table: SQL, owner: SQL, bytes: SQL, item: S, joins?: SQL): Source<S> {
  return { owner, place: [rowId(table)], bytes, from: table, item, ...(joins ? { joins } : {}) }
}

const bytesOf = (text: SQL) => sql`length(CAST(${text} AS BLOB))`

const SESSIONS = rowsOf(sql`${sessions}`, sql`${sessions.userId}`, sql`200`, {
  createdAt: sessions.createdAt,
  expiresAt: sessions.expiresAt,
  revokedAt: sessions.revokedAt,
})

const ACCESS_KEYS = rowsOf(
  sql`${accessKeys}`,
  sql`${accessKeys.userId}`,
  sql`300 + 2 * ${bytesOf(sql`${accessKeys.name}`)}`,
  {
    id: accessKeys.id,
    name: accessKeys.name,
    scope: accessKeys.scope,
    hint: accessKeys.hint,
    createdAt: accessKeys.createdAt,
    expiresAt: accessKeys.expiresAt,
    lastUsedAt: accessKeys.lastUsedAt,
    revokedAt: accessKeys.revokedAt,
  },
)

const SIGN_IN_CODES = rowsOf(sql`${signInCodes}`, sql`${signInCodes.userId}`, sql`250`, {
  language: signInCodes.locale,
  tries: signInCodes.tries,
  createdAt: signInCodes.createdAt,
  expiresAt: signInCodes.expiresAt,
  usedAt: signInCodes.consumedAt,
})

// Twice the bytes of texts, since JSON escapes line breaks and quotes.
const PLANS = rowsOf(
  sql`${plans}`,
  sql`${plans.createdBy}`,
  sql`400 + 2 * ${bytesOf(sql`${plans.title} || ${plans.description}`)}`,
  {
    id: plans.id,
    title: plans.title,
    description: plans.description,
    visibility: plans.visibility,
    createdAt: plans.createdAt,
    updatedAt: plans.updatedAt,
  },
)

const ACTIONS = rowsOf(
  sql`${actions}`,
  sql`${actions.createdBy}`,
  sql`${actions.contentBytes}`,
  ACTION,
  sql`JOIN ${plans} ON ${eq(plans.id, actions.planId)}`,
)

const NOTES = rowsOf(sql`${notes}`, sql`${notes.authorId}`, sql`300 + 2 * ${bytesOf(sql`${notes.text}`)}`, {
  id: notes.id,
  actionId: notes.actionId,
  text: notes.text,
  createdAt: notes.createdAt,
})

const FILE = { name: exportFiles.name, bytes: exportFiles.bytes, sha256: exportFiles.sha256 }

const CALENDARS = rowsOf(sql`${calendars}`, sql`${calendars.userId}`, sql`100`, {
  createdAt: calendars.createdAt,
})

const EXPORTS = {
  owner: sql`${exports.requestedBy}`,
  place: [sql`${exports.requestedAt}`, sql`${exports.id}`],
  bytes: sql`4000`,
  from: sql`${exports}`,
  item: {
    id: exports.id,
    kind: exports.kind,
    planId: exports.planId,
    planTitle: exports.planTitle,
    locale: exports.locale,
    status: exports.status,
    attempts: exports.attempts,
    progressDone: exports.progressDone,
    progressTotal: exports.progressTotal,
    requestedAt: exports.requestedAt,
    finishedAt: exports.finishedAt,
    expiresAt: exports.expiresAt,
    failureCode: exports.failureCode,
    failureDetail: exports.failureDetail,
    files: jsonRows(
      exportFiles.position,
      FILE,
      sql`FROM ${exportFiles} WHERE ${eq(exportFiles.exportId, exports.id)}`,
    ),
  },
}

const HISTORY = {
  owner: sql`${history.actorId}`,
  place: [sql`${history.number}`],
  bytes: sql`400 + 2 * ${bytesOf(sql`${history.title} || ${history.changes}`)}`,
  from: sql`${history}`,
  item: {
    id: history.id,
    at: history.at,
    via: history.via,
    type: history.type,
    planId: history.planId,
    actionId: history.actionId,
    title: history.title,
    changes: history.changes,
  },
}

const LINK_MAILS = rowsOf(sql`${linkMails}`, sql`${linkMails.userId}`, sql`250`, {
  exportId: linkMails.exportId,
  language: linkMails.locale,
  createdAt: linkMails.createdAt,
  settledAt: linkMails.settledAt,
})

const REMINDERS = rowsOf(
  sql`${reminders}`,
  sql`${reminders.userId}`,
  sql`300 + 2 * ${bytesOf(sql`${reminders.listed}`)}`,
  {
    date: reminders.localDate,
    told: sql`${reminders.listed}`.mapWith((text: string) => readTold(text)),
    createdAt: reminders.createdAt,
    sentAt: reminders.sentAt,
  },
)

const WEBHOOKS = rowsOf(
  sql`${webhooks}`,
  sql`${webhooks.userId}`,
  sql`600 + 2 * ${bytesOf(sql`${webhooks.url}`)}`,
  WEBHOOK,
)

/** Assignments as of `now`: an expiry by the clock ends those that are not terminal with the due date. */
function assignmentsAt(now: number) {
  const isExpired = sql`${isExpiredByClock(now)} AND NOT (${isTerminalStatus})`
  return {
    owner: sql`${actionAssignees.userId}`,
    place: [
      sql`${actionAssignees.isCreator}`,
      sql`${actionAssignees.createdAt}`,
      sql`${actionAssignees.actionId}`,
    ],
    bytes: sql`2000`,
    from: sql`${actionAssignees}`,
    joins: sql`JOIN ${actions} ON ${eq(actions.id, actionAssignees.actionId)}`,
    item: {
      actionId: actionAssignees.actionId,
      planId: actions.planId,
      actionTitle: actions.title,
      status: sql<Status>`CASE WHEN ${isExpired} THEN 'EXPIRED' ELSE ${actionAssignees.status} END`,
      startedAt: actionAssignees.startedAt,
      finishedAt: sql<number | null>`CASE WHEN ${isExpired} THEN ${actions.dueDate}
        ELSE ${actionAssignees.finishedAt} END`,
    },
  }
}

type PortionReader<Item> = (database: Database, scope: ReadScope, start: Start) => Portion<Item>

function reader<S extends Selection>(source: Source<S>): PortionReader<RowOf<S>> {
  return (database, { userId }, start) => portionOf(database, userId, source, start)
}

export const sessionPortion = reader(SESSIONS)
export const accessKeyPortion = reader(ACCESS_KEYS)
export const signInCodePortion = reader(SIGN_IN_CODES)
/** Plans that the user created. */
export const planPortion = reader(PLANS)
/** Actions that the user created. */
export const actionPortion = reader(ACTIONS)
/** Assignments of the user, whoever created the action. */
export function assignmentPortion(database: Database, scope: ReadScope, start: Start) {
  return portionOf(database, scope.userId, assignmentsAt(scope.now), start)
}
/** Notes that the user wrote. */
export const notePortion = reader(NOTES)
/** The user's calendar, if it has an address; the address is not kept. */
export const calendarPortion = reader(CALENDARS)
/** Exports that the user requested. */
export const exportPortion = reader(EXPORTS)
/** Entries of the history about what the user did. */
export const historyPortion = reader(HISTORY)
/** Mails with fresh links to those exports. */
export const linkMailPortion = reader(LINK_MAILS)
/** Reminders of the user. */
export const reminderPortion = reader(REMINDERS)
/** Webhooks of the user; their secrets are derived and not kept. */
export const webhookPortion = reader(WEBHOOKS)

type ItemOf<Reader> = Reader extends (...given: never[]) => Portion<infer Item> ? Item : never

export type KeptSession = ItemOf<typeof sessionPortion>
export type KeptAccessKey = ItemOf<typeof accessKeyPortion>
export type KeptSignInCode = ItemOf<typeof signInCodePortion>
export type KeptPlan = ItemOf<typeof planPortion>
export type KeptAssignment = ItemOf<typeof assignmentPortion>
export type KeptNote = ItemOf<typeof notePortion>
export type KeptCalendar = ItemOf<typeof calendarPortion>
export type KeptExport = ItemOf<typeof exportPortion>
export type KeptEntry = ItemOf<typeof historyPortion>
export type KeptLinkMail = ItemOf<typeof linkMailPortion>
export type KeptReminder = ItemOf<typeof reminderPortion>
