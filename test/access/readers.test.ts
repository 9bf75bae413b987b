import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ActionFacts, mayReadAction, mayReadPlan, type PlanFacts } from '../../src/access/policy.ts'
import {
  type Readers,
  readersOfAction,
  readersOfPlan,
  readersText,
  toldOfAccess,
} from '../../src/access/readers.ts'
import { ACTION_READERS, PLAN_READERS } from '../../src/access/store.ts'
import { ROLES, VISIBILITIES } from '../../src/db/enums.ts'
import { actions, plans } from '../../src/db/schema.ts'
import { insertAction, insertPlan } from '../support/factories.ts'
import { createWorld } from '../support/world.ts'
import { home } from '../support/home.ts'

const IDS = ['a', 'b', 'c', 'd']
const id = fc.constantFrom(...IDS)
const visibility = fc.constantFrom(...VISIBILITIES)
const plan: fc.Arbitrary<PlanFacts> = fc.record({ visibility, createdBy: fc.option(id) })
const assignees = fc.uniqueArray(id).map((list) => list.map((userId) => ({ userId })))
const action: fc.Arbitrary<ActionFacts> = fc.record({
  ...{ plan, assignees, createdBy: fc.option(id) },
  visibility: fc.option(visibility),
})
const role = fc.constantFrom(...ROLES)

/** What db/schema.ts says of the column. */
const isNamedIn = (text: string, person: string) => text === '*' || text.split(' ').includes(person)

it('the readers of a plan are those who may read it', () => {
  fc.assert(
    fc.property(plan, id, role, (facts, person, ofPerson) => {
      expect(isNamedIn(readersText(readersOfPlan(facts)), person)).toBe(
        mayReadPlan({ id: person, role: ofPerson }, facts),
      )
    }),
  )
})

it('the readers of an action are those who may read it', () => {
  fc.assert(
    fc.property(action, id, role, (facts, person, ofPerson) => {
      expect(isNamedIn(readersText(readersOfAction(facts)), person)).toBe(
        mayReadAction({ id: person, role: ofPerson }, facts),
      )
    }),
  )
})

it('those are told who could read before or can after, if they are not the same', () => {
  const readers: fc.Arbitrary<Readers> = fc.oneof(
    fc.constant('*' as const),
    fc.uniqueArray(id).map((list) => new Set(list)),
  )
  fc.assert(
    fc.property(readers, readers, (before, after) => {
      const told = toldOfAccess(before, after)
      // 'x' stands for all others.
      const everyone = [...IDS, 'x']
      const [could, can] = [before, after].map((some) =>
        everyone.map((person) => isNamedIn(readersText(some), person)),
      )
      const isSame = JSON.stringify(could) === JSON.stringify(can)
      const named = everyone.map((person) => told !== null && isNamedIn(told, person))
      expect(told === null).toBe(isSame)
      if (!isSame)
        expect(named).toEqual(everyone.map((_, index) => could?.[index] === true || can?.[index] === true))
    }),
  )
})

describe('in SQL they are the same', () => {
  const sorted = (text: string | undefined) => (text ?? 'none').split(' ').sort()

  it('of every plan, and of every action', async () => {
    const { companyId, ana, marc, noa } = await createWorld()
    const database = drizzle(home)
    for (const createdBy of [null, ana.id])
      for (const ofPlan of VISIBILITIES) {
        const facts = { visibility: ofPlan, createdBy }
        const { id: planId } = await insertPlan({ companyId, ...facts })
        const [found] = await database
          .select({ readers: PLAN_READERS })
          .from(plans)
          .where(eq(plans.id, planId))
        expect(found?.readers).toBe(readersText(readersOfPlan(facts)))
        for (const own of [null, ...VISIBILITIES])
          for (const author of [null, ana.id, marc.id])
            for (const assigned of [[], [noa.id], [marc.id, noa.id], [ana.id]]) {
              const list = assigned.map((userId) => ({ userId }))
              const members = { visibility: own, createdBy: author, assignees: list }
              const { id: actionId } = await insertAction({ plan: { id: planId, companyId }, ...members })
              const [row] = await database
                .select({ readers: ACTION_READERS })
                .from(actions)
                .where(eq(actions.id, actionId))
              expect(sorted(row?.readers as string)).toEqual(
                sorted(readersText(readersOfAction({ ...members, plan: facts }))),
              )
            }
      }
  })
})
