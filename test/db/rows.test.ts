/** The way from table to type, against D1: what is selected arrives decoded, under the names of the selection. */
import { env } from 'cloudflare:workers'
import { eq, type SQL, sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import * as rows from '../../src/db/rows.ts'
import {
  actionAssignees,
  actions,
  hierarchies,
  notes,
  plans,
  readableTotals,
  users,
} from '../../src/db/schema.ts'
import { directoryOf, newMeter } from '../../src/platform/database.ts'
import {
  insertAction,
  insertCompany,
  insertHierarchy,
  insertNote,
  insertPlan,
  insertUsers,
} from '../support/factories.ts'

const database = directoryOf(env, newMeter())

let companyId: string
let plan: { id: string; companyId: string }
let action: { id: string }
let userIds: string[]

beforeAll(async () => {
  companyId = (await insertCompany({})).id
  plan = await insertPlan({ companyId, title: 'The plan', createdAt: 1 })
  const people = await insertUsers([
    { companyId, name: 'Zoe', active: false },
    { companyId, name: 'Al', reminders: false },
    { companyId, name: 'Mia' },
  ])
  userIds = people.map(({ id }) => id)
  const assignees = userIds.map((userId) => ({ userId }))
  action = await insertAction({ plan, title: 'The action', createdAt: 2, dueDate: 3, assignees })
})

describe('select', () => {
  it('keeps apart columns of one name in two tables, nested in one row of a batch', async () => {
    const selection = {
      id: actions.id,
      title: actions.title,
      createdAt: actions.createdAt,
      plan: { id: plans.id, title: plans.title, createdAt: plans.createdAt },
    }
    const query = rows
      .select(database, selection)
      .from(actions)
      .innerJoin(plans, eq(plans.id, actions.planId))
      .where(eq(actions.id, action.id))
    const [found] = await database.batch([query])
    expect(found).toEqual([
      {
        ...{ id: action.id, title: 'The action', createdAt: 2 },
        plan: { id: plan.id, title: 'The plan', createdAt: 1 },
      },
    ])
  })

  it('decodes booleans and what `mapWith` says, and leaves null alone', async () => {
    const selection = {
      active: users.active,
      inner: { reminders: users.reminders, shout: sql`${users.name}`.mapWith((name: string) => `${name}!`) },
      nothing: sql<number | null>`NULL`,
    }
    const [found] = await database.batch([
      rows.select(database, selection).from(users).where(eq(users.companyId, companyId)).orderBy(users.name),
    ])
    expect(found).toEqual([
      { active: true, inner: { reminders: false, shout: 'Al!' }, nothing: null },
      { active: true, inner: { reminders: true, shout: 'Mia!' }, nothing: null },
      { active: false, inner: { reminders: true, shout: 'Zoe!' }, nothing: null },
    ])
  })
})

describe('selectRaw', () => {
  it('answers nested rows with booleans decoded, from a query with parameters', async () => {
    const selection = { name: users.name, flags: { active: users.active, reminders: users.reminders } }
    const query = (columns: SQL) =>
      sql`SELECT ${columns} FROM ${users} WHERE ${eq(users.companyId, companyId)} ORDER BY ${users.name}`
    const [found] = await database.batch([rows.selectRaw(database, selection, query)])
    expect(found).toEqual([
      { name: 'Al', flags: { active: true, reminders: false } },
      { name: 'Mia', flags: { active: true, reminders: true } },
      { name: 'Zoe', flags: { active: false, reminders: true } },
    ])
  })

  it('answers null for each column of a table without a matching row', async () => {
    const selection = { id: plans.id, author: { id: users.id, active: users.active } }
    const query = (columns: SQL) =>
      sql`SELECT ${columns} FROM ${plans} LEFT JOIN ${users} ON ${eq(users.id, plans.createdBy)}
        WHERE ${eq(plans.id, plan.id)}`
    const [found] = await database.batch([rows.selectRaw(database, selection, query)])
    expect(found).toEqual([{ id: plan.id, author: { id: null, active: null } }])
  })
})

describe('insertSelect', () => {
  it('inserts a row for each that the query gives, and changes those there by `onConflictUpdate`', async () => {
    const { id } = await insertCompany({})
    const upsert = (names: string[]) => {
      const each = rows.eachOf(names)
      const sum = sql`${readableTotals.plans} + ${rows.excluded(readableTotals.plans)}`
      const key = [readableTotals.companyId, readableTotals.reader]
      // The WHERE keeps SQLite from taking ON CONFLICT for the ON of a join.
      const from = sql`FROM ${each.rows} WHERE 1 ${rows.onConflictUpdate(key, [[readableTotals.plans, sum]])}`
      return rows.insertSelect(
        database,
        readableTotals,
        { companyId: id, reader: each.value, plans: 2 },
        from,
      )
    }
    const [, , found] = await database.batch([
      upsert(['a', 'b']),
      upsert(['b', 'c']),
      rows
        .select(database, { reader: readableTotals.reader, plans: readableTotals.plans })
        .from(readableTotals)
        .where(eq(readableTotals.companyId, id))
        .orderBy(readableTotals.reader),
    ])
    expect(found).toEqual([
      { reader: 'a', plans: 2 },
      { reader: 'b', plans: 4 },
      { reader: 'c', plans: 2 },
    ])
  })

  it('encodes values as their columns do', async () => {
    const area = await insertHierarchy({ companyId })
    const user = {
      id: 'inserted',
      companyId,
      email: 'i@x.test',
      emailKey: 'i@x.test',
      name: 'I',
      nameFolded: 'i',
    }
    const values = { ...user, role: 'EMPLOYEE', active: false, createdAt: 1, updatedAt: 1 } as const
    const from = sql`FROM ${hierarchies} WHERE ${eq(hierarchies.id, area.id)}`
    const [, found] = await database.batch([
      rows.insertSelect(database, users, values, from),
      rows
        .select(database, { active: users.active, reminders: users.reminders })
        .from(users)
        .where(eq(users.id, user.id)),
      database.delete(users).where(eq(users.id, user.id)),
    ])
    expect(found).toEqual([{ active: false, reminders: true }])
  })
})

/** The one row that selecting this expression from the action gives. */
async function valueOf<Value>(expression: ReturnType<typeof sql<Value>>): Promise<Value | undefined> {
  const query = rows.select(database, { value: expression }).from(actions).where(eq(actions.id, action.id))
  const [found] = await database.batch([query])
  return found[0]?.value
}

describe('lists as JSON', () => {
  const ofAction = sql`FROM ${actionAssignees} JOIN ${users} ON ${eq(users.id, actionAssignees.userId)}
    WHERE ${eq(actionAssignees.actionId, actions.id)} ORDER BY ${users.name}`

  it('are in the order of the position, whatever that of the query, with booleans and nulls decoded', async () => {
    const selection = { name: users.name, active: users.active, startedAt: actionAssignees.startedAt }
    expect(await valueOf(rows.jsonRows(actionAssignees.position, selection, ofAction))).toEqual([
      { name: 'Zoe', active: false, startedAt: null },
      { name: 'Al', active: true, startedAt: null },
      { name: 'Mia', active: true, startedAt: null },
    ])
  })

  it('are plain values with jsonValues, in the same order', async () => {
    const values = rows.jsonValues(actionAssignees.position, users.active, ofAction)
    expect(await valueOf(values)).toEqual([false, true, true])
  })

  it('are empty for no row', async () => {
    const none = sql`FROM ${notes} WHERE ${eq(notes.actionId, actions.id)}`
    expect(await valueOf(rows.jsonRows(notes.createdAt, { id: notes.id }, none))).toEqual([])
  })
})

describe('jsonObject', () => {
  const selection = {
    title: actions.title,
    dueDate: actions.dueDate,
    startedAt: actions.startedAt,
    "it's": sql<number>`1`,
    plan: { title: plans.title, createdBy: plans.createdBy },
    assignees: rows.jsonRows(
      actionAssignees.position,
      { userId: actionAssignees.userId, finishedAt: actionAssignees.finishedAt },
      sql`FROM ${actionAssignees} WHERE ${eq(actionAssignees.actionId, actions.id)}`,
    ),
  }
  const query = () =>
    rows
      .select(database, {
        value: rows.jsonObject(selection),
        text: sql<string>`${rows.jsonObject(selection)}`,
      })
      .from(actions)
      .innerJoin(plans, eq(plans.id, actions.planId))
      .where(eq(actions.id, action.id))
  const expected = () => ({
    ...{ title: 'The action', dueDate: 3, startedAt: null, "it's": 1 },
    plan: { title: 'The plan', createdBy: null },
    assignees: userIds.map((userId) => ({ userId, finishedAt: null })),
  })

  it('is one value, in which nulls, nested members and nested lists are decoded', async () => {
    const [found] = await database.batch([query()])
    expect(found[0]?.value).toEqual(expected())
  })

  it('is read again by readJsonObject, from stored text and from what that parses to', async () => {
    const [found] = await database.batch([query()])
    const text = found[0]?.text ?? ''
    expect(rows.readJsonObject(selection, text)).toEqual(expected())
    expect(rows.readJsonObject(selection, JSON.parse(text))).toEqual(expected())
  })
})

describe('isOneOf', () => {
  it('finds rows by more values than a statement has parameters', async () => {
    const note = await insertNote({ actionId: action.id, authorId: userIds[0] ?? '' })
    const ids = [...Array.from({ length: 500 }, (_, index) => String(index)), note.id]
    const [found] = await database.batch([
      rows.select(database, { id: notes.id }).from(notes).where(rows.isOneOf(notes.id, ids)),
      database.delete(notes).where(eq(notes.id, note.id)),
    ])
    expect(found).toEqual([{ id: note.id }])
  })
})

describe('changedMembers', () => {
  const before = { title: 'a', list: [1, { two: null as number | null }], at: null as number | null }
  const after = { ...before, list: [1, { two: 2 }], at: 5 }

  it('are those of the later row that differ, by value', () => {
    expect(rows.changedMembers(before, after)).toEqual({ list: [1, { two: 2 }], at: 5 })
    expect(rows.changedMembers(after, before)).toEqual({ list: [1, { two: null }], at: null })
  })

  it('are none between equal rows', () => {
    expect(rows.changedMembers(before, { ...before, list: [1, { two: null }] })).toEqual({})
  })
})
