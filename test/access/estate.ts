/** One of each thing that a company can own, made by its people through the API. */
import { expect } from 'vitest'
import { newId } from '../../src/platform/new-id.ts'
import { ACTIONS, call, COMPANY, createAction, createPlan } from '../support/api.ts'
import { askForExport } from '../support/exports.ts'
import { insertUser } from '../support/factories.ts'
import type { Kind as RequestedKind } from '../support/requests.ts'
import { createWebhook, ping } from '../support/webhooks.ts'
import type { Person } from '../support/world.ts'

export type Kind = RequestedKind | 'company'
export type Estate = Record<Kind, string>

const HIERARCHIES = '/api/v1/company/hierarchies'

/** `owner` is an ADMIN; the user of the estate is `user`. The texts hold `mark`, to be found again. */
export async function createEstate(owner: Person, user: Person, mark: string): Promise<Estate> {
  const plan = await createPlan(owner, { title: `Plan ${mark}`, visibility: 'PUBLIC' })
  const hierarchy = await call<{ id: string }>(owner, 'POST', HIERARCHIES, { body: { name: `Area ${mark}` } })
  const action = await createAction(owner, plan.id, {
    title: `Action ${mark}`,
    hierarchyIds: [hierarchy.body.id],
    assigneeIds: [owner.id, user.id],
  })
  const note = await call<{ id: string }>(owner, 'POST', `${ACTIONS}/${action.id}/notes`, {
    body: { text: `Note ${mark}` },
  })
  const key = await call<{ id: string }>(owner, 'POST', `${COMPANY}/access-keys`, {
    body: { name: `Key ${mark}`, scope: 'READ' },
  })
  expect([hierarchy.status, note.status, key.status]).toEqual([200, 200, 200])
  const webhook = await createWebhook(owner, { url: `https://hooks.example.com/${encodeURIComponent(mark)}` })
  const former = await insertUser({ companyId: owner.companyId, name: `Former ${mark}`, active: false })
  return {
    company: owner.companyId,
    plan: plan.id,
    action: action.id,
    note: note.body.id,
    export: (await askForExport(owner, plan.id)).id,
    hierarchy: hierarchy.body.id,
    user: user.id,
    former: former.id,
    accessKey: key.body.id,
    webhook: webhook.id,
    delivery: (await ping(webhook)).id,
  }
}

/** Ids that name nothing, of the right form and of this second: as good as a guess can be. */
export function guessedEstate(): Estate {
  const guess = () => newId(Date.now())
  return {
    ...{
      plan: guess(),
      action: guess(),
      note: guess(),
      export: guess(),
      hierarchy: guess(),
      user: guess(),
      former: guess(),
    },
    ...{ company: guess(), accessKey: guess(), webhook: guess(), delivery: guess() },
  }
}

/** Malformed ids, none of which may reach a query. */
export const MALFORMED_IDS = [
  ...['x', '0', '%20', 'A'.repeat(24), '0'.repeat(23), '0'.repeat(25), "'%20OR%201=1--", '..%2F..', '%00'],
  ...['%F0%9F%98%80'],
]
