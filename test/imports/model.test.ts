/** Random files against a naive model: exactly its errors, and without faults exactly what it says is stored. */
import { inArray, like } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { SHEET_COLUMNS, type SheetColumn } from '../../src/actions/sheet-columns.ts'
import { actionAssignees, actionFocusItems, actionHierarchies, actions, plans } from '../../src/db/schema.ts'
import { insertHierarchy } from '../support/factories.ts'
import { createWorld, type World } from '../support/world.ts'
import { type Known, type Members, type Plan, plansIn, wrongIn } from './model.ts'
import { importLines, type ImportReply, importWorkbook, workbookOf } from './support.ts'
import { home } from '../support/home.ts'

const RUNS = 25
let world: World
let known: Known
let files = 0

beforeAll(async () => {
  world = await createWorld()
  const { companyId, marc, noa, eli } = world
  const top = await insertHierarchy({ companyId, name: 'Left; right / "up"' })
  const inner = await insertHierarchy({ companyId, name: 'Warehouse', parentId: top.id })
  known = {
    people: [marc, noa].map(({ id, email }) => ({ id, email })),
    inactive: eli.email,
    areas: [
      { id: top.id, path: top.name },
      { id: inner.id, path: `${top.name} / ${inner.name}` },
    ],
  }
})

/** The plans of one file, and whether it has faults. Ids are of that file alone. */
const file = (faults: boolean) =>
  fc.constant(null).chain(() => {
    files += 1
    return plansIn(`file${files}`, faults, known)
  })

interface Form {
  send(who: World['ana'], list: readonly Plan[], dryRun: boolean): Promise<ImportReply>
  /** The errors of an answer by place and member. */
  told(reply: ImportReply): string[]
  /** The errors that the model expects, alike. */
  expected(list: readonly Plan[]): string[]
  /** Whether an action with a visibility like its plan's follows the plan. */
  follows: boolean
}

const valuesOf = (members: Members) =>
  Object.fromEntries(Object.entries(members).map(([name, { json }]) => [name, json]))

/** The number of each action in the file that has the id of an earlier one. */
function doublesIn(list: readonly Plan[]): Set<Plan['actions'][number]> {
  const seen = new Set<string>()
  const all = list.flatMap((plan) => plan.actions)
  return new Set(all.filter(({ id }) => seen.size === seen.add(id).size))
}

const lines: Form = {
  follows: false,
  send: (who, list, dryRun) =>
    importLines(
      who,
      // Blank lines stand between the plans.
      list
        .map(({ id, members, actions: inside }, index) => {
          const line = {
            ...{ externalId: id, ...valuesOf(members) },
            actions: inside.map((each) => ({ externalId: each.id, ...valuesOf(each.members) })),
          }
          return `${index % 2 === 1 ? '\r\n \n' : ''}${JSON.stringify(line)}`
        })
        .join('\n'),
      { dryRun },
    ),
  told: ({ body }) =>
    body.errors.map(({ line, message }) => `${line ?? 0} ${message.split(': ', 1)[0] ?? ''}`),
  expected(list) {
    const doubles = doublesIn(list)
    return list.flatMap(({ members, actions: inside }, index) => {
      const line = index + 1 + 2 * Math.ceil(index / 2)
      const ofActions = inside.flatMap((each, place) =>
        [...wrongIn(each.members), ...(doubles.has(each) ? ['externalId'] : [])].map(
          (path) => `${line} actions.${place}.${path}`,
        ),
      )
      return [...wrongIn(members).map((path) => `${line} ${path}`), ...ofActions]
    })
  },
}

const PLAN_CELLS: Record<string, SheetColumn> = {
  ...{ title: 'plan', visibility: 'planVisibility', description: 'planDescription' },
}
const ACTION_CELLS: Record<string, SheetColumn> = {
  ...{ title: 'title', description: 'description', visibility: 'visibility', actionType: 'actionType' },
  ...{ origin: 'origin', status: 'status', dueDate: 'dueDate', createdAt: 'createdAt' },
  ...{ assignees: 'assigneeEmails', areas: 'areas', focusItems: 'focus', externalId: 'actionId' },
}
const COLUMNS: readonly SheetColumn[] = [
  'planId',
  ...Object.values(PLAN_CELLS),
  ...Object.values(ACTION_CELLS),
]

const cellsOf = (members: Members, columns: Record<string, SheetColumn>) =>
  Object.fromEntries(
    Object.entries(members).map(([name, { cell }]) => [columns[name] ?? '', cell === '' ? null : cell]),
  )

/** The place of a member: its row and column. */
const placeOf = (row: number, path: string, columns: Record<string, SheetColumn>) =>
  `${String.fromCharCode(65 + COLUMNS.indexOf(columns[path.split('.', 1)[0] ?? ''] ?? 'planId'))}${row}`

const sheet: Form = {
  follows: true,
  async send(who, list, dryRun) {
    const rows = list.flatMap(({ id, members, actions: inside }) => {
      const ofPlan = { planId: id, ...cellsOf(members, PLAN_CELLS) }
      const filled = inside.map((each) => ({
        ...{ ...ofPlan, ...cellsOf(each.members, ACTION_CELLS), actionId: each.id },
      }))
      return filled.length === 0 ? [ofPlan] : filled
    }) as Partial<Record<SheetColumn, string | null>>[]
    const header = COLUMNS.map((column) => SHEET_COLUMNS[column].en)
    const body = rows.map((row) => COLUMNS.map((column) => row[column] ?? null))
    return importWorkbook(who, await workbookOf([header, ...body]), { dryRun })
  },
  told: ({ body }) => body.errors.map(({ cell }) => cell ?? ''),
  expected(list) {
    const doubles = doublesIn(list)
    let row = 2
    return list.flatMap(({ members, actions: inside }) => {
      const first = row
      row += Math.max(1, inside.length)
      const ofActions = inside.flatMap((each, place) =>
        [...wrongIn(each.members), ...(doubles.has(each) ? ['externalId'] : [])].map((path) =>
          placeOf(first + place, path, ACTION_CELLS),
        ),
      )
      return [...wrongIn(members).map((path) => placeOf(first, path, PLAN_CELLS)), ...ofActions]
    })
  },
}

/** What the model says is stored of a file without faults. */
function expectedRows(list: readonly Plan[], { follows }: Form, creator: string) {
  return list.map(({ id, members, actions: inside }) => ({
    ...{ id, title: members.title?.stored, description: members.description?.stored },
    visibility: members.visibility?.stored,
    actions: inside.map(({ id: actionId, members: said }) => {
      const of = (name: string) => said[name]?.stored
      const isSame = follows && of('visibility') === members.visibility?.stored
      const assignees = [...new Set(of('assignees') as string[])]
      return {
        ...{ id: actionId, title: of('title'), description: of('description'), actionType: of('actionType') },
        ...{ origin: of('origin'), status: of('status'), dueDate: of('dueDate') },
        visibility: isSame ? null : of('visibility'),
        assignees: assignees.length === 0 ? [creator] : assignees,
        areas: [...new Set(of('areas') as string[])],
        focusItems: of('focusItems'),
      }
    }),
  }))
}

async function storedRows(list: readonly Plan[]) {
  const database = drizzle(home)
  const prefix = `${list[0]?.id.split('/', 1)[0] ?? ''}/%`
  const foundPlans = await database
    .select()
    .from(plans)
    .where(like(plans.externalId, prefix))
    .orderBy(plans.id)
  const found = await database
    .select()
    .from(actions)
    .where(like(actions.externalId, prefix))
    .orderBy(actions.id)
  const ids = found.map(({ id }) => id)
  const people = await database.select().from(actionAssignees).where(inArray(actionAssignees.actionId, ids))
  const places = await database
    .select()
    .from(actionHierarchies)
    .where(inArray(actionHierarchies.actionId, ids))
  const focus = await database.select().from(actionFocusItems).where(inArray(actionFocusItems.actionId, ids))
  const inOrder = <Row extends { actionId: string; position: number }>(rows: Row[], actionId: string) =>
    rows.filter((row) => row.actionId === actionId).sort((one, other) => one.position - other.position)
  return foundPlans.map(({ id, externalId, title, description, visibility }) => ({
    ...{ id: externalId, title, description, visibility },
    actions: found
      .filter(({ planId }) => planId === id)
      .map((row) => ({
        ...{ id: row.externalId, title: row.title, description: row.description, actionType: row.actionType },
        ...{ origin: row.origin, status: row.status, dueDate: row.dueDate, visibility: row.visibility },
        assignees: inOrder(people, row.id).map(({ userId }) => userId),
        areas: inOrder(places, row.id).map(({ hierarchyId }) => hierarchyId),
        focusItems: inOrder(focus, row.id).map(
          ({ focusType, focusId }) => `${focusType} ${focusId ?? 'null'}`,
        ),
      })),
  }))
}

it.each([
  ['NDJSON', lines],
  ['a sheet', sheet],
] as const)('%s with faults has exactly the errors of the model', { timeout: 120_000 }, async (_, form) => {
  await fc.assert(
    fc.asyncProperty(file(true), async (list) => {
      const reply = await form.send(world.ana, list, true)
      expect(form.told(reply).sort()).toEqual(form.expected(list).sort())
    }),
    { numRuns: RUNS },
  )
})

it.each([
  ['NDJSON', lines],
  ['a sheet', sheet],
] as const)('%s without faults is stored as the model says, once', { timeout: 120_000 }, async (_, form) => {
  await fc.assert(
    fc.asyncProperty(file(false), async (list) => {
      const count = list.reduce((sum, plan) => sum + plan.actions.length, list.length)
      const dry = await form.send(world.ana, list, true)
      expect(dry.body).toMatchObject({ created: count, unchanged: 0, errors: [] })
      const reply = await form.send(world.ana, list, false)
      expect(reply.body).toEqual(dry.body)
      expect(await storedRows(list)).toEqual(expectedRows(list, form, world.ana.id))
      expect((await form.send(world.ana, list, false)).body).toMatchObject({ created: 0, unchanged: count })
    }),
    { numRuns: RUNS, endOnFailure: true },
  )
})
