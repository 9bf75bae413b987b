/** Looks up what a file names: plans and actions that exist, people, areas. */
import { and, eq, isNotNull, sql } from 'drizzle-orm'
import { actionIsReadableBy, isActiveManager, planIsReadableBy } from '../access/store.ts'
import { isOneOf, jsonPieces, type RowOf, select } from '../db/rows.ts'
import { actions, hierarchies, plans, users } from '../db/schema.ts'
import type { Database } from '../platform/database.ts'
import { wellFormedId } from '../platform/ids.ts'
import type { Statement } from '../platform/write.ts'
import { areaFinder, areaListing, type Area } from './areas.ts'
import { type KnownPerson, type Named, peopleAmong } from './people.ts'
import type { ExistingPlan } from './rows.ts'
import type { Stored } from './setting.ts'

const PLAN = {
  id: plans.id,
  visibility: plans.visibility,
  createdBy: plans.createdBy,
  actionCount: plans.actionCount,
  contentBytes: plans.contentBytes,
  noteBytes: plans.noteBytes,
  externalId: plans.externalId,
}
const ACTION = { id: actions.id, externalId: actions.externalId }
const PERSON = {
  id: users.id,
  emailKey: users.emailKey,
  nameFolded: users.nameFolded,
  isAssignable: sql<boolean>`${isActiveManager()}`.mapWith(Boolean),
}

const AREA = { id: hierarchies.id, parentId: hierarchies.parentId, name: hierarchies.name }

/** What a file names. */
export interface Sought extends Named {
  planIds: readonly string[]
  actionIds: readonly string[]
}

interface LookUp {
  statements: readonly Statement[]
  /** What was found, from the rows of the statements in their order. */
  found: (rows: readonly unknown[]) => Stored
}

/**
 * The statements that look up what is sought, and how their rows are read.
 * @param importer the id of a user, '' for an operator, who may read everything
 * @param pieces about how many characters a value may have
 */
export function lookUp(
  database: Database,
  { companyId, importer, pieces }: { companyId: string; importer: string; pieces: number },
  sought: Sought,
): LookUp {
  const foundPlans = new Map<string, ExistingPlan>()
  const foundActions = new Set<string>()
  const people: KnownPerson[] = []
  const areas: Area[] = []
  const own = (table: typeof plans | typeof actions) =>
    and(eq(table.companyId, companyId), eq(table.importer, importer), isNotNull(table.externalId))
  const ids = (list: readonly string[]) => list.filter((id) => wellFormedId(id) !== null)
  const mayRead = (condition: ReturnType<typeof planIsReadableBy>) => (importer === '' ? sql`1` : condition)
  const usersWhere = (condition: ReturnType<typeof isOneOf>) =>
    step(
      select(database, PERSON)
        .from(users)
        .where(and(condition, sql`+${users.companyId} = ${companyId}`)),
      (rows: RowOf<typeof PERSON>[]) => {
        people.push(...rows)
      },
    )
  const steps = [
    ...jsonPieces(sought.planIds, pieces).map((piece) =>
      step(
        select(database, PLAN)
          .from(plans)
          .where(and(own(plans), isOneOf(plans.externalId, piece))),
        (rows: RowOf<typeof PLAN>[]) => {
          for (const row of rows) foundPlans.set(row.externalId ?? '', row)
        },
      ),
    ),
    ...jsonPieces(ids(sought.planIds), pieces).map((piece) =>
      step(
        select(database, PLAN)
          .from(plans)
          .where(
            and(
              isOneOf(plans.id, piece),
              sql`+${plans.companyId} = ${companyId}`,
              mayRead(planIsReadableBy(importer)),
            ),
          ),
        (rows: RowOf<typeof PLAN>[]) => {
          for (const row of rows) if (!foundPlans.has(row.id)) foundPlans.set(row.id, row)
        },
      ),
    ),
    ...jsonPieces(sought.actionIds, pieces).map((piece) =>
      step(
        select(database, ACTION)
          .from(actions)
          .where(and(own(actions), isOneOf(actions.externalId, piece))),
        (rows: RowOf<typeof ACTION>[]) => {
          for (const { externalId } of rows) foundActions.add(externalId ?? '')
        },
      ),
    ),
    ...jsonPieces(ids(sought.actionIds), pieces).map((piece) =>
      step(
        select(database, ACTION)
          .from(actions)
          .where(
            and(
              isOneOf(actions.id, piece),
              sql`+${actions.companyId} = ${companyId}`,
              mayRead(actionIsReadableBy(importer)),
            ),
          ),
        (rows: RowOf<typeof ACTION>[]) => {
          for (const { id } of rows) foundActions.add(id)
        },
      ),
    ),
    ...jsonPieces(sought.emails, pieces).map((piece) => usersWhere(isOneOf(users.emailKey, piece))),
    ...jsonPieces(sought.ids, pieces).map((piece) => usersWhere(isOneOf(users.id, piece))),
    ...(sought.names.length > 0
      ? [
          step(
            select(database, PERSON)
              .from(users)
              .where(and(eq(users.companyId, companyId), isOneOf(users.nameFolded, sought.names))),
            (rows: RowOf<typeof PERSON>[]) => {
              people.push(...rows)
            },
          ),
        ]
      : []),
    ...(sought.hasAreas
      ? [
          step(
            select(database, AREA).from(hierarchies).where(eq(hierarchies.companyId, companyId)),
            (rows: Area[]) => {
              areas.push(...rows)
            },
          ),
        ]
      : []),
  ]
  return {
    statements: steps.map(({ statement }) => statement),
    found(rows) {
      foundPlans.clear()
      foundActions.clear()
      people.length = 0
      areas.length = 0
      for (const [index, { take }] of steps.entries()) take(rows[index])
      const distinct = [...new Map(people.map((person) => [person.id, person])).values()]
      return {
        plans: foundPlans,
        actions: foundActions,
        people: peopleAmong(distinct),
        area: areaFinder(areas),
        isShownAs: areaListing(areas),
      }
    },
  }
}

/** A statement with what takes its rows. */
function step<Query extends Statement>(statement: Query, take: (rows: Awaited<Query>) => void) {
  // The rows are those of this statement.
  return {
    statement,
    take: (rows: unknown) => {
      take(rows as Awaited<Query>)
    },
  }
}
