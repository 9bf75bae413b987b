/** Stores what an import makes. Long lists travel as JSON in pieces (`jsonPieces`). */
import { eq, type SQL, sql } from 'drizzle-orm'
import { audienceOf } from '../access/store.ts'
import { areAssignable, computedColumns } from '../actions/change-store.ts'
import { allOf, eachOf, insertSelect, jsonPieces } from '../db/rows.ts'
import {
  actionAssignees,
  actionFocusItems,
  actionHierarchies,
  actions,
  notes,
  plans,
  users,
} from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import { LIMITS, ROW_BYTES } from '../platform/limits.ts'
import { jsonBytesOf } from '../platform/text.ts'
import type { Statement } from '../platform/write.ts'
import type { ActionRow, GrownPlan, ImportedRows, PlanRow } from './rows.ts'

/** Whose rows they are. */
export interface Ownership {
  companyId: string
  /** The id of a user, '' for an operator. */
  importer: string
  now: number
  /** About how many characters a value may have. */
  pieces: number
}

/** What a value may have where nothing else limits it. */
export const PIECE_CHARACTERS = 400_000

/** The statements that store the rows, plans first. */
export function insertImported(database: Database, rows: ImportedRows, ownership: Ownership): Statement[] {
  const { pieces } = ownership
  const each = <Row>(
    list: readonly Row[],
    insert: (database: Database, piece: Row[], by: Ownership) => Statement,
  ) => jsonPieces(list, pieces).map((piece) => insert(database, piece, ownership))
  return [
    ...each(rows.plans, insertPlans),
    ...each(rows.actions.map(columnsOf), insertActions),
    ...each(rows.actions.map(assigneesOf), insertAssignees),
    ...each(rows.actions.flatMap(focusItemsOf), insertFocusItems),
    ...each(rows.actions.flatMap(hierarchiesOf), insertHierarchies),
    ...each(rows.actions.flatMap(notesOf), insertNotes),
  ]
}

function insertPlans(
  database: Database,
  list: PlanRow[],
  { companyId, importer, now }: Ownership,
): Statement {
  const { rows, member } = eachOf(list)
  return insertSelect(
    database,
    plans,
    {
      ...{ id: member('id'), companyId, title: member('title'), description: member('description') },
      ...{ visibility: member('visibility'), createdBy: member('createdBy') },
      ...{ contentBytes: member('contentBytes'), importer, externalId: member('externalId') },
      ...{ createdAt: member('createdAt'), updatedAt: now },
    },
    sql`FROM ${rows}`,
  )
}

/** The columns of an action's own row. */
function columnsOf({ assigneeIds, hierarchyIds: _areas, notes: _notes, focusItems, ...row }: ActionRow) {
  const { status, startedAt, finishedAt } = row
  const assignees = assigneeIds.map((userId) => ({ userId, status, startedAt, finishedAt }))
  return { ...row, ...computedColumns({ ...row, assignees, focusItems: [...focusItems] }) }
}

function insertActions(
  database: Database,
  list: ReturnType<typeof columnsOf>[],
  { companyId, importer, now }: Ownership,
): Statement {
  const { rows, member } = eachOf(list)
  const [planId, visibility, createdBy] = [member('planId'), member('visibility'), member('createdBy')]
  return insertSelect(
    database,
    actions,
    {
      ...{ id: member('id'), companyId, planId, title: member('title'), titleFolded: member('titleFolded') },
      ...{ description: member('description'), descriptionFolded: member('descriptionFolded') },
      ...{ actionType: member('actionType'), origin: member('origin'), visibility, createdBy },
      ...{ audience: audienceOf({ planId, visibility, createdBy }), focusBits: member('focusBits') },
      ...{ status: member('status'), dueDate: member('dueDate') },
      ...{ startedAt: member('startedAt'), finishedAt: member('finishedAt') },
      ...{ contentBytes: member('contentBytes'), importer, externalId: member('externalId') },
      ...{ createdAt: member('createdAt'), updatedAt: now },
    },
    sql`FROM ${rows}`,
  )
}

/** An action with what its rows of assignees have of it. */
function assigneesOf({
  id,
  assigneeIds,
  status,
  startedAt,
  finishedAt,
  createdBy,
  createdAt,
  dueDate,
}: ActionRow) {
  return { id, assigneeIds, status, startedAt, finishedAt, createdBy, createdAt, dueDate }
}

function insertAssignees(database: Database, list: ReturnType<typeof assigneesOf>[]): Statement {
  const member = (name: keyof ReturnType<typeof assigneesOf>) => sql`item.value ->> ${name}`
  return insertSelect(
    database,
    actionAssignees,
    {
      ...{ actionId: member('id'), userId: sql`assignee.value`, position: sql`assignee.key` },
      ...{ status: member('status'), startedAt: member('startedAt'), finishedAt: member('finishedAt') },
      isCreator: sql`assignee.value IS ${member('createdBy')}`,
      ...{ createdAt: member('createdAt'), dueDate: member('dueDate') },
    },
    sql`FROM json_each(${JSON.stringify(list)}) AS item, json_each(item.value, '$.assigneeIds') AS assignee`,
  )
}

function focusItemsOf({ id: actionId, focusItems }: ActionRow) {
  return focusItems.map((item, position) => ({ actionId, position, ...item }))
}

function insertFocusItems(database: Database, list: ReturnType<typeof focusItemsOf>): Statement {
  const { rows, member } = eachOf(list)
  return insertSelect(
    database,
    actionFocusItems,
    {
      ...{ actionId: member('actionId'), position: member('position') },
      ...{ focusType: member('focusType'), focusId: member('focusId') },
    },
    sql`FROM ${rows}`,
  )
}

function hierarchiesOf({ id: actionId, hierarchyIds }: ActionRow) {
  return hierarchyIds.map((hierarchyId, position) => ({ actionId, hierarchyId, position }))
}

function insertHierarchies(database: Database, list: ReturnType<typeof hierarchiesOf>): Statement {
  const { rows, member } = eachOf(list)
  return insertSelect(
    database,
    actionHierarchies,
    { actionId: member('actionId'), hierarchyId: member('hierarchyId'), position: member('position') },
    sql`FROM ${rows}`,
  )
}

function notesOf({ id: actionId, notes: list }: ActionRow) {
  return list.map((note) => ({ actionId, ...note }))
}

function insertNotes(database: Database, list: ReturnType<typeof notesOf>): Statement {
  const { rows, member } = eachOf(list)
  return insertSelect(
    database,
    notes,
    {
      ...{ id: member('id'), actionId: member('actionId'), authorId: member('authorId') },
      ...{ text: member('text'), createdAt: member('createdAt') },
    },
    sql`FROM ${rows}`,
  )
}

/** Bytes that the rows add to the company's `stored_bytes`. */
export function importedBytes(rows: ImportedRows): number {
  const ofNotes = rows.actions.flatMap(notesOf).map(({ text }) => ROW_BYTES + jsonBytesOf(text))
  const others = [...rows.plans, ...rows.actions].map(({ contentBytes }) => ROW_BYTES + contentBytes)
  return [...ofNotes, ...others].reduce((sum, bytes) => sum + bytes, 0)
}

/**
 * Holds while the plans that get actions give the same rights and have room, everybody who is named as a creator or an
 * assignee is an active manager, and the importer is still an ADMIN if that matters.
 */
export function isStillImportable(
  rows: ImportedRows,
  { companyId, importer }: Ownership,
  needsAdmin: boolean,
): SQL {
  const people = new Set([...rows.plans, ...rows.actions].flatMap(({ createdBy }) => createdBy ?? []))
  for (const { assigneeIds } of rows.actions) for (const id of assigneeIds) people.add(id)
  const isAdmin = sql`EXISTS (SELECT 1 FROM ${users} WHERE ${eq(users.id, importer)} AND ${eq(users.role, 'ADMIN')})`
  return allOf([
    areAssignable(companyId, [...people]),
    ...(rows.grown.length > 0 ? [canGrow(rows.grown, companyId)] : []),
    ...(needsAdmin && importer !== '' ? [isAdmin] : []),
  ])
}

function canGrow(grown: readonly GrownPlan[], companyId: string): SQL {
  const { rows, member } = eachOf(grown)
  const { actionsPerPlan, bytesPerPlan, noteBytesPerPlan } = LIMITS
  return sql`(SELECT count(*) FROM ${rows} CROSS JOIN ${plans} ON ${plans.id} = ${member('id')}
    WHERE +${plans.companyId} = ${companyId} AND ${plans.visibility} = ${member('visibility')}
    AND ${plans.createdBy} IS ${member('createdBy')}
    AND ${plans.actionCount} + ${member('actions')} <= ${actionsPerPlan.most}
    AND ${plans.contentBytes} + ${member('bytes')} <= ${bytesPerPlan.most}
    AND (${member('noteBytes')} = 0 OR ${plans.noteBytes} + ${member('noteBytes')} <= ${noteBytesPerPlan.most})) = ${grown.length}`
}
