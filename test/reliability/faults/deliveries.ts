/** What deliveries of a webhook live through apart from the fault, and how they must end. */
import { expect } from 'vitest'
import type { DeliveryType } from '../../../src/db/enums.ts'
import { call, PLANS, USERS } from '../../support/api.ts'
import { WEBHOOKS } from '../../support/webhooks.ts'
import type { Person } from '../../support/world.ts'
import type { MailAnswer } from './machine.ts'
import type { Stage } from './scenarios.ts'

export interface Life {
  name: string
  /** What noa asks for an export of, instead of ana making actions. */
  isExport?: boolean
  /** How many actions ana makes; 1 unless stated. */
  actions?: number
  /** The status that noa's receiver answers to its n-th request (from 1); it accepts all unless stated. */
  receiver?: (request: number) => number
  provider?: (request: number) => MailAnswer | null
  /** Done by somebody else once the write is acknowledged, before the queue delivers. */
  meanwhile?: (stage: Stage, webhookId: string) => Promise<void>
  /** `meanwhile` happens right before noa's receiver is called for the first time. */
  isDuringTry?: boolean
  /** The queue loses what it holds once the write is acknowledged. */
  isForgotten?: boolean
  /** More than five days later ana makes one more action. */
  isLong?: boolean
  /** What becomes of noa's deliveries. Those to marc all arrive. */
  ends: readonly (readonly [DeliveryType, 'DELIVERED' | 'FAILED'])[]
  /** Noa's webhook is switched off for its failures, which she is told once. */
  isSwitchedOff?: boolean
}

async function ask(who: Person, method: string, path: string, body?: object): Promise<void> {
  const { status, text } = await call(who, method, path, body === undefined ? {} : { body })
  expect(status, text).toBeLessThan(300)
}

const deactivate = ({ world }: Stage) =>
  ask(world.ana, 'PATCH', `${USERS}/${world.noa.id}`, { active: false })
const demote = ({ world }: Stage) => ask(world.ana, 'PATCH', `${USERS}/${world.noa.id}`, { role: 'EMPLOYEE' })
const hidePlan = ({ world, planId }: Stage) =>
  ask(world.marc, 'PATCH', `${PLANS}/${planId}`, { visibility: 'PRIVATE' })
const switchOff = ({ world }: Stage, webhookId: string) =>
  ask(world.noa, 'PATCH', `${WEBHOOKS}/${webhookId}`, { active: false })
const remove = ({ world }: Stage, webhookId: string) => ask(world.noa, 'DELETE', `${WEBHOOKS}/${webhookId}`)

const DELIVERED = ['action.created', 'DELIVERED'] as const
const FAILED = ['action.created', 'FAILED'] as const
const failsOnce = (request: number) => (request === 1 ? 500 : 204)

export const LIVES: readonly Life[] = [
  { name: 'everything is accepted', actions: 2, ends: [DELIVERED, DELIVERED] },
  { name: 'the messages are lost', isForgotten: true, ends: [DELIVERED] },
  { name: 'the receiver fails twice', receiver: (request) => (request < 3 ? 503 : 202), ends: [DELIVERED] },
  { name: 'the receiver is gone', receiver: () => 410, ends: [FAILED], isSwitchedOff: true },
  {
    name: 'the receiver is gone and more waits for it',
    actions: 2,
    receiver: () => 410,
    ends: [FAILED, FAILED],
    isSwitchedOff: true,
  },
  { name: 'its user is deactivated', meanwhile: deactivate, ends: [] },
  {
    name: 'its user is deactivated during a try',
    receiver: failsOnce,
    meanwhile: deactivate,
    isDuringTry: true,
    ends: [FAILED],
  },
  {
    name: 'its user is a manager no more',
    receiver: failsOnce,
    meanwhile: demote,
    isDuringTry: true,
    ends: [FAILED],
  },
  {
    name: 'its user loses the plan',
    receiver: failsOnce,
    meanwhile: hidePlan,
    isDuringTry: true,
    ends: [['access.changed', 'DELIVERED'], FAILED],
  },
  {
    name: 'it is switched off',
    receiver: failsOnce,
    meanwhile: switchOff,
    isDuringTry: true,
    ends: [FAILED],
  },
  { name: 'it is deleted', meanwhile: remove, isDuringTry: true, ends: [] },
  { name: 'an export is sent', isExport: true, ends: [['export.sent', 'DELIVERED']] },
  {
    name: 'an export fails',
    isExport: true,
    provider: () => ({ status: 422 }),
    ends: [['export.failed', 'DELIVERED']],
  },
  {
    name: 'the receiver never accepts',
    receiver: () => 500,
    isLong: true,
    ends: [FAILED, FAILED],
    isSwitchedOff: true,
  },
]
