/** Two actions in a plan, with one of everything. */
import { newId } from '../../src/platform/new-id.ts'
import {
  insertAccessKey,
  insertAction,
  insertCalendar,
  insertDeliveries,
  insertWebhook,
  insertExport,
  insertHierarchy,
  insertNotes,
  insertPlan,
  insertUser,
} from '../support/factories.ts'
import type { Scene } from '../support/requests.ts'
import { openSession, type Person, type World } from '../support/world.ts'

export async function createScene({ companyId, ana }: World): Promise<Scene> {
  const who: Person = { ...ana, session: await openSession(ana) }
  const { id: user } = await insertUser({ companyId })
  const { id: hierarchy } = await insertHierarchy({ companyId })
  const plan = await insertPlan({ companyId, createdBy: who.id, visibility: 'PUBLIC' })
  const fields = { plan, createdBy: who.id, assignees: [{ userId: user }], hierarchyIds: [hierarchy] }
  const action = await insertAction(fields)
  await insertAction(fields)
  const [note] = await insertNotes([{ actionId: action.id, authorId: who.id }])
  const { id: former } = await insertUser({ companyId, active: false })
  const sent = { status: 'SENT', people: '[]', expiresAt: Date.now() + 3_600_000 } as const
  const stored = await insertExport({ companyId, planId: plan.id, requestedBy: who.id, ...sent })
  const { id: accessKey } = await insertAccessKey({ companyId, userId: user, keyHash: newId(Date.now()) })
  await insertCalendar({ companyId, userId: who.id, tokenHash: newId(Date.now()) })
  // One that is off: a webhook that waits for entries makes the first one cost two rows more.
  const { id: webhook } = await insertWebhook({ companyId, userId: who.id, active: false })
  const [delivery] = await insertDeliveries([{ companyId, webhookId: webhook }])
  const ids = {
    plan: plan.id,
    action: action.id,
    note: note?.id ?? '',
    export: stored.id,
    user,
    former,
    hierarchy,
    accessKey,
    webhook,
    delivery: delivery?.id ?? '',
  }
  return { who, ids, assigneeIds: [user], hierarchyIds: [hierarchy] }
}
