/** Something for each request of requests.ts to be about. */
import { newId } from '../../src/platform/new-id.ts'
import {
  insertAccessKey,
  insertAction,
  insertCalendar,
  insertDeliveries,
  insertExport,
  insertHierarchies,
  insertNotes,
  insertPlan,
  insertUsers,
  insertWebhook,
} from './factories.ts'
import type { Scene } from './requests.ts'
import { openSession, type Person, type World } from './world.ts'

/** A plan with one action: with one of everything, or with as much of everything as there may be. */
export async function createSceneIn(world: World, size: 'bare' | 'full'): Promise<Scene> {
  const most = size === 'full' ? 50 : 1
  const { companyId } = world
  const times = <Fields>(count: number, fields: Fields) => Array.from({ length: count }, () => fields)
  const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)
  const who: Person = { ...world.ana, session: await openSession(world.ana) }
  const assigneeIds = idsOf(await insertUsers(times(most, { companyId, name: 'Al' })))
  const hierarchyIds = idsOf(await insertHierarchies(times(most, { companyId })))
  const [user = '', hierarchy = ''] = [assigneeIds[0], hierarchyIds[0]]
  const plan = await insertPlan({ companyId, createdBy: who.id, visibility: 'PUBLIC' })
  const assignees = assigneeIds.map((userId) => ({ userId }))
  const action = await insertAction({ plan, createdBy: who.id, assignees, hierarchyIds })
  const [note = ''] = idsOf(await insertNotes(times(most * 2, { actionId: action.id, authorId: user })))
  const sent = { status: 'SENT', people: '[]', expiresAt: Date.now() + 3_600_000 } as const
  const stored = await insertExport({ companyId, planId: plan.id, requestedBy: who.id, ...sent })
  const { id: accessKey } = await insertAccessKey({ companyId, userId: user, keyHash: newId(Date.now()) })
  const webhook = (await insertWebhook({ companyId, userId: who.id })).id
  const [delivery = ''] = idsOf(await insertDeliveries(times(most, { companyId, webhookId: webhook })))
  await insertCalendar({ companyId, userId: who.id, tokenHash: newId(Date.now()) })
  const [former = ''] = idsOf(await insertUsers([{ companyId, active: false }]))
  const told = { export: stored.id, webhook, delivery }
  const ids = { plan: plan.id, action: action.id, note, user, former, hierarchy, accessKey, ...told }
  return { who, ids, assigneeIds, hierarchyIds }
}
