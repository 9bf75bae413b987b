/** What an export lives through apart from the fault, and how it must end. */
import { env } from 'cloudflare:workers'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { expect } from 'vitest'
import { addresses, companies, companyPlaces, sessions } from '../../../src/db/schema.ts'
import { call, createAction, createPlan, PLANS } from '../../support/api.ts'
import { HOUR } from '../../support/clock.ts'
import { MOST_ACTIONS_IN_A_FILE } from '../../support/exports.ts'
import { insertActions } from '../../support/factories.ts'
import { createWorld, openSession, type Person, type World } from '../../support/world.ts'
import type { MailAnswer } from './machine.ts'
import { home } from '../../support/home.ts'

/** The plan under export, shared by all runs of a scenario. Sessions last for years, since runs move the clock far. */
export interface Stage {
  world: World
  planId: string
}

export interface Scenario {
  name: string
  actions: number
  /** How an export that was acknowledged ends. */
  ends: string
  provider?: (request: number) => MailAnswer | null
  /** Done by somebody else after the POST, before the queue delivers. */
  meanwhile?: (stage: Stage) => Promise<void>
  /** `meanwhile` happens right before the first call of this name, instead of after the POST. */
  beforeCall?: string
  /** Its requester gets one mail that says that it failed. */
  isTold?: boolean
  /** All plans are exported, and not the one. */
  isPortfolio?: boolean
  /** The message comes twice. */
  isDoubled?: boolean
  /** Calls of this name always fail. */
  alwaysFails?: string
  /** Goes on until the files have expired and the row is old. */
  isKeptToTheEnd?: boolean
}

const database = drizzle(home)

async function ask(who: Person, method: string, path: string, body?: object): Promise<void> {
  const { status, text } = await call(who, method, path, body === undefined ? {} : { body })
  expect(status, text).toBeLessThan(300)
}

const deletePlan = ({ world, planId }: Stage) => ask(world.marc, 'DELETE', `${PLANS}/${planId}`)
const hidePlan = ({ world, planId }: Stage) =>
  ask(world.marc, 'PATCH', `${PLANS}/${planId}`, { visibility: 'PRIVATE' })
const deactivate = ({ world }: Stage) =>
  ask(world.ana, 'PATCH', `/api/v1/company/users/${world.noa.id}`, { active: false })

export const SCENARIOS: readonly Scenario[] = [
  { name: 'one action', actions: 1, ends: 'SENT' },
  { name: 'a plan without actions', actions: 0, ends: 'SENT' },
  { name: 'its message comes twice', actions: 1, ends: 'SENT', isDoubled: true },
  {
    name: 'the provider is overloaded twice',
    actions: 1,
    ends: 'SENT',
    provider: (request) =>
      request === 1
        ? { status: 429, headers: { 'Retry-After': '7' } }
        : request === 2
          ? { status: 503 }
          : null,
  },
  { name: 'the provider refuses', actions: 1, ends: 'FAILED', provider: () => ({ status: 422 }) },
  { name: 'the provider is down', actions: 1, ends: 'FAILED', provider: () => ({ status: 500 }) },
  { name: 'files can never be stored', actions: 1, ends: 'FAILED', alwaysFails: 'R2.put', isTold: true },
  { name: 'its plan is deleted before', actions: 1, ends: 'FAILED', meanwhile: deletePlan },
  {
    name: 'its plan is deleted while it is built',
    actions: 1,
    ends: 'FAILED',
    meanwhile: deletePlan,
    beforeCall: 'R2.put',
  },
  { name: 'its requester is deactivated', actions: 1, ends: 'FAILED', meanwhile: deactivate },
  {
    name: 'its requester loses the plan',
    actions: 1,
    ends: 'FAILED',
    meanwhile: hidePlan,
  },
  { name: 'its files expire', actions: 1, ends: 'EXPIRED', isKeptToTheEnd: true },
  { name: 'it is that of the portfolio', actions: 2, ends: 'SENT', isPortfolio: true },
  {
    name: 'it is that of the portfolio, whose plan is deleted before',
    actions: 1,
    ends: 'SENT',
    isPortfolio: true,
    meanwhile: deletePlan,
  },
  {
    name: 'it is that of the portfolio, and its files can never be stored',
    actions: 1,
    ends: 'FAILED',
    isPortfolio: true,
    alwaysFails: 'R2.put',
    isTold: true,
  },
  { name: 'two volumes', actions: MOST_ACTIONS_IN_A_FILE + 1, ends: 'SENT' },
]

const YEAR = 365 * 24 * HOUR

/** Has no company left from the run before, and nothing of one in the directory. */
async function forgetCompanies(): Promise<void> {
  await database.delete(companies)
  const directory = drizzle(env.DB)
  await directory.batch([directory.delete(companyPlaces), directory.delete(addresses)])
}

/** A plan of marc's that noa, the requester, may read. */
export async function setStage(actions: number): Promise<Stage> {
  await forgetCompanies()
  const world = await createWorld()
  const plan = await createPlan(world.marc, { title: 'Faulty “plan” & more', visibility: 'PUBLIC' })
  if (actions > 0) {
    await createAction(world.marc, plan.id, { title: 'First', assigneeIds: [world.noa.id] })
    // The others come straight into D1: only their number matters here.
    const { companyId, marc } = world
    const others = { plan: { id: plan.id, companyId }, createdBy: marc.id }
    await insertActions(Array.from({ length: actions - 1 }, () => others))
  }
  const lasting = async (person: Person) => ({ ...person, session: await openSession(person, 5 * YEAR) })
  const people = {
    ana: await lasting(world.ana),
    marc: await lasting(world.marc),
    noa: await lasting(world.noa),
  }
  // A sweep would delete expired sessions, and every run compares all tables.
  await database.update(sessions).set({ expiresAt: sql`${sessions.expiresAt} + ${5 * YEAR}` })
  return { world: { ...world, ...people }, planId: plan.id }
}
