/**
 * Rows put straight into D1, for what a test needs and does not test. Each factory takes the members that matter to
 * the test and gives the others values that the worker itself could have written; weights and folded texts follow.
 */
import { and, eq, getTableColumns, lte, type InferInsertModel, type SQL, sql } from 'drizzle-orm'
import { drizzle, type DrizzleD1Database } from 'drizzle-orm/d1'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { audienceOf } from '../../src/access/store.ts'
import { emptyPlanBytes } from '../../src/action-plans/weight.ts'
import { focusBitsOf } from '../../src/actions/facets.ts'
import { type AssigneeState, derive } from '../../src/actions/lifecycle.ts'
import { actionBytes } from '../../src/actions/weight.ts'
import * as schema from '../../src/db/schema.ts'
import { ROW_BYTES } from '../../src/platform/limits.ts'
import { newId } from '../../src/platform/new-id.ts'
import { byteLengthOf, fold } from '../../src/platform/text.ts'
import { homeOf, placeCompanies, placeUsers } from './home.ts'

type Row<T extends SQLiteTable> = InferInsertModel<T>
/** The members of a row, of which only `Needed` have no default. */
type Fields<T extends SQLiteTable, Needed extends keyof Row<T>> = Partial<Row<T>> & Pick<Row<T>, Needed>

const ROWS_PER_STATEMENT = 32

/** Statements that insert the rows. Rows travel as JSON: D1 takes at most 100 parameters, and 2 MB in each. */
function insertions<T extends SQLiteTable>(
  database: DrizzleD1Database,
  table: T,
  rows: readonly Partial<Row<T>>[],
  computed: Readonly<Record<string, SQL>> = {},
) {
  const columns = Object.entries(getTableColumns(table)).filter(
    ([, column]) => column.generated === undefined,
  )
  const values = columns.map(([name]) => computed[name] ?? sql`value ->> ${name}`)
  const complete = rows.map((row) => {
    // The row's members have the names of the columns.
    const members = row as Record<string, unknown>
    return Object.fromEntries(
      columns.map(([name, column]) => [name, members[name] === undefined ? column.default : members[name]]),
    )
  })
  const portions = Array.from({ length: Math.ceil(rows.length / ROWS_PER_STATEMENT) }, (_, index) =>
    complete.slice(index * ROWS_PER_STATEMENT, (index + 1) * ROWS_PER_STATEMENT),
  )
  return portions.map((portion) =>
    database
      .insert(table)
      .select(sql`SELECT ${sql.join(values, sql`, `)} FROM json_each(${JSON.stringify(portion)})`),
  )
}

/** The database of the rows' company, which all of them share; where no company is named, that of most companies. */
function databaseOf(rows: readonly unknown[]): DrizzleD1Database {
  const [first] = rows as { companyId?: string }[]
  return drizzle(homeOf(first?.companyId ?? ''))
}

async function run(
  database: DrizzleD1Database,
  statements: readonly ReturnType<typeof insertions>[number][],
): Promise<void> {
  const [first, ...others] = statements
  if (first) await database.batch([first, ...others])
}

/** The factory of one row and that of many, both of which answer what they inserted. */
function factories<T extends SQLiteTable, Given, Made extends Row<T>>(
  table: T,
  make: (fields: Given) => Made,
  after: (rows: readonly Made[]) => Promise<void> = async () => undefined,
) {
  const insertMany = async (list: readonly Given[]) => {
    const rows = list.map((fields) => make(fields))
    const database = databaseOf(rows)
    await run(database, insertions(database, table, rows))
    await after(rows)
    return rows
  }
  const insertOne = async (fields: Given) => {
    const row = make(fields)
    const database = databaseOf([row])
    await run(database, insertions(database, table, [row]))
    await after([row])
    return row
  }
  return [insertOne, insertMany] as const
}

/** What most rows begin with; rows made at one moment have ids in no order. */
function fresh() {
  const now = Date.now()
  return { id: newId(now), createdAt: now, updatedAt: now }
}

export const [insertCompany] = factories(
  schema.companies,
  (fields: Fields<typeof schema.companies, never>) => ({
    ...fresh(),
    name: 'A company',
    ...fields,
  }),
  placeCompanies,
)

export const [insertUser, insertUsers] = factories(
  schema.users,
  (fields: Fields<typeof schema.users, 'companyId'>) => {
    const row = { ...fresh(), name: 'A user', role: 'MANAGER' as const, ...fields }
    const email = fields.email ?? `${row.id}@example.test`
    return { emailKey: email, nameFolded: fold(row.name), ...row, email }
  },
  placeUsers,
)

export const [insertSession] = factories(
  schema.sessions,
  (fields: Fields<typeof schema.sessions, 'id' | 'userId' | 'companyId' | 'expiresAt'>) => ({
    createdAt: Date.now(),
    ...fields,
  }),
)

export const [insertAccessKey, insertAccessKeys] = factories(
  schema.accessKeys,
  (fields: Fields<typeof schema.accessKeys, 'userId' | 'companyId' | 'keyHash'>) => {
    const now = Date.now()
    return {
      ...{ id: newId(now), name: 'A key', scope: 'READ' as const, hint: 'abcd', createdAt: now },
      expiresAt: now + 3_600_000,
      ...fields,
    }
  },
)

export const [insertHierarchy, insertHierarchies] = factories(
  schema.hierarchies,
  (fields: Fields<typeof schema.hierarchies, 'companyId'>) => ({ ...fresh(), name: 'An area', ...fields }),
)

export const [insertPlan] = factories(schema.plans, (fields: Fields<typeof schema.plans, 'companyId'>) => {
  const { title = 'A plan', description = '' } = fields
  const contentBytes = emptyPlanBytes({ title, description })
  return { ...fresh(), visibility: 'PRIVATE' as const, contentBytes, ...fields, title, description }
})

/** The column of an action that follows from its plan, computed where the row is inserted. */
const COMPUTED = {
  audience: audienceOf({
    planId: sql`value ->> 'planId'`,
    visibility: sql`value ->> 'visibility'`,
    createdBy: sql`value ->> 'createdBy'`,
  }),
}

type ActionFields = Omit<Fields<typeof schema.actions, never>, 'companyId' | 'planId'> & {
  plan: { id: string; companyId: string }
  assignees?: readonly (Partial<AssigneeState> & { userId: string })[]
  hierarchyIds?: readonly string[]
  focusItems?: readonly Pick<Row<typeof schema.actionFocusItems>, 'focusType' | 'focusId'>[]
}

/** With all that hangs on the actions; their states follow from those of their assignees. */
export async function insertActions(list: readonly ActionFields[]) {
  const all = list.map(({ plan, assignees = [], hierarchyIds = [], focusItems = [], ...fields }) => {
    const { title = 'An action', description = '' } = fields
    const states = assignees.map((assignee): AssigneeState => ({ ...NOT_STARTED, ...assignee }))
    const items = focusItems.map(({ focusType, focusId = null }) => ({ focusType, focusId }))
    const { status, startedAt, finishedAt } = derive(states)
    const action = {
      ...fresh(),
      actionType: 'MANAGER' as const,
      origin: 'MANUAL' as const,
      status,
      startedAt,
      finishedAt,
      titleFolded: fold(title),
      descriptionFolded: fold(description),
      focusBits: focusBitsOf(items),
      contentBytes: actionBytes({ title, description, assignees, hierarchyIds, focusItems: items }),
      ...fields,
      title,
      description,
      companyId: plan.companyId,
      planId: plan.id,
    }
    const below = { actionId: action.id }
    const { createdAt, createdBy, dueDate } = { createdBy: null, dueDate: null, ...action }
    return {
      action,
      assignees: states.map((state, position) => ({
        ...{ ...below, position, createdAt, dueDate, isCreator: state.userId === createdBy },
        ...state,
      })),
      hierarchies: hierarchyIds.map((hierarchyId, position) => ({ ...below, position, hierarchyId })),
      focusItems: items.map((item, position) => ({ ...below, position, ...item })),
    }
  })
  const actions = all.map(({ action }) => action)
  const database = databaseOf(actions)
  await run(database, [
    ...insertions(database, schema.actions, actions, COMPUTED),
    ...insertions(
      database,
      schema.actionAssignees,
      all.flatMap(({ assignees }) => assignees),
    ),
    ...insertions(
      database,
      schema.actionHierarchies,
      all.flatMap(({ hierarchies }) => hierarchies),
    ),
    ...insertions(
      database,
      schema.actionFocusItems,
      all.flatMap(({ focusItems }) => focusItems),
    ),
  ])
  return actions
}

export async function insertAction(fields: ActionFields): Promise<{ id: string }> {
  const action = { ...fields, id: fields.id ?? newId(Date.now()) }
  await insertActions([action])
  return action
}

const NOT_STARTED = { status: 'NOT_STARTED', startedAt: null, finishedAt: null } as const

export const [insertNote, insertNotes] = factories(
  schema.notes,
  (fields: Fields<typeof schema.notes, 'actionId' | 'authorId'>) => ({
    id: newId(Date.now()),
    createdAt: Date.now(),
    text: 'A note',
    ...fields,
  }),
)

export const [insertExport] = factories(
  schema.exports,
  (fields: Fields<typeof schema.exports, 'companyId' | 'planId' | 'requestedBy'>) => {
    const now = Date.now()
    const asked = { planTitle: 'A plan', locale: 'en' as const, status: 'QUEUED' as const }
    return { id: newId(now), ...asked, requestedAt: now, nextAttemptAt: now, ...fields }
  },
)

type EntryFields = Omit<Fields<typeof schema.history, 'companyId' | 'type' | 'planId'>, 'number'>

/** Entries of the history of one company, numbered on from those that there are. */
export async function insertEntries(list: readonly EntryFields[]) {
  const database = databaseOf(list)
  const company = await database
    .select({ last: schema.companies.historyNumber })
    .from(schema.companies)
    .where(eq(schema.companies.id, list[0]?.companyId ?? ''))
  const last = company[0]?.last ?? 0
  const rows = list.map((fields, index) => {
    const { id, createdAt: at } = fresh()
    const { title = 'A thing', changes = '{}', readers = null } = fields
    const row = { id, at, recordedAt: at, via: 'SESSION' as const, ...fields, title, changes, readers }
    const batchBytes = ROW_BYTES + byteLengthOf(title) + byteLengthOf(changes) + (readers?.length ?? 0)
    return { ...row, number: last + 1 + index, batchBytes }
  })
  await run(database, insertions(database, schema.history, rows))
  return rows
}

/** Removes the company's oldest entries, up to that number. */
export async function deleteEntries(companyId: string, upTo: number): Promise<void> {
  await drizzle(homeOf(companyId))
    .delete(schema.history)
    .where(and(eq(schema.history.companyId, companyId), lte(schema.history.number, upTo)))
}

export const [insertWebhook] = factories(
  schema.webhooks,
  (fields: Fields<typeof schema.webhooks, 'companyId' | 'userId'>) => ({
    ...fresh(),
    ...{ url: 'https://hooks.example.com/', host: 'hooks.example.com:443', active: true, fromNumber: 0 },
    ...fields,
  }),
)

export const [insertDelivery, insertDeliveries] = factories(
  schema.webhookDeliveries,
  (fields: Fields<typeof schema.webhookDeliveries, 'companyId' | 'webhookId'>) => {
    const { id, createdAt } = fresh()
    const asked = { type: 'webhook.ping' as const, status: 'PENDING' as const, lane: 'hooks.example.com:443' }
    return { id, createdAt, at: createdAt, nextTryAt: createdAt, ...asked, ...fields }
  },
)

export const [insertCalendar] = factories(
  schema.calendars,
  (fields: Omit<Row<typeof schema.calendars>, 'createdAt'>) => ({ createdAt: Date.now(), ...fields }),
)

export const [insertReminder] = factories(
  schema.reminders,
  (fields: Fields<typeof schema.reminders, 'companyId' | 'userId'>) => {
    const { id, createdAt } = fresh()
    const content = { name: 'A user', companyName: 'A company', locale: 'en', accentColor: '#1d4ed8' }
    const counts = { overdue: 0, due: 0, isCut: false, open: [], expired: 0, ended: [] }
    return {
      ...{ id, createdAt, mailDueAt: createdAt, sendUntil: createdAt + 3_600_000 },
      localDate: new Date(createdAt).toISOString().slice(0, 10),
      listed: JSON.stringify({ overdue: [], due: [], expired: [] }),
      content: JSON.stringify({ ...content, timeZone: 'UTC', at: createdAt, ...counts }),
      ...fields,
    }
  },
)
