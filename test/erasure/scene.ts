/** Somebody with a rare name who leaves traces wherever there are any, and leaves the company. */
import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { sha256Hex } from '../../src/platform/hash.ts'
import { ACTIONS, call, COMPANY, createAction, createPlan, takeStep, USERS } from '../support/api.ts'
import { type Background, deliverExports } from '../support/background.ts'
import { openCalendar } from '../support/calendars.ts'
import { askForExport, type AskedExport, mailedLinks } from '../support/exports.ts'
import { insertReminder, insertUser } from '../support/factories.ts'
import { askForCode } from '../support/sign-in.ts'
import { createWebhook } from '../support/webhooks.ts'
import { openSession, type Person, type World } from '../support/world.ts'

let count = 0

export interface Leaver {
  person: Person
  /** What must not be found any more: name, address, hashes of address and tokens. */
  words: string[]
  /** An export of a colleague's that names the person. */
  naming: AskedExport
  /** Texts that the person wrote. */
  written: string[]
}

/** A user named so, with a session. */
async function hire({ companyId }: World): Promise<Person> {
  count += 1
  const name = `Zebulon Quaggafield-${String(count)}`
  const email = `Zebulon.${String(count)}@quagga.example`
  const user = await insertUser({ companyId, name, email, emailKey: email.toLowerCase() })
  return { ...user, role: 'MANAGER', session: await openSession(user) }
}

/** Somebody who has worked, and has been deactivated; what was left to do is handed over. */
export async function leave(world: World, background: Background): Promise<Leaver> {
  const { ana, marc, companyId } = world
  const person = await hire(world)
  const { id, email, session } = person
  const keyed = { 'Idempotency-Key': `by ${id}` }
  const key = await call<{ key: string }>(person, 'POST', `${COMPANY}/access-keys`, {
    body: { name: 'Night', scope: 'READ' },
    headers: keyed,
  })
  const plan = await createPlan(ana, { visibility: 'PUBLIC', title: 'Mornings' })
  const body = { planId: plan.id, title: 'Quiet', assigneeIds: [id, ana.id], dueDate: '2027-01-01' }
  const action = await call<{ id: string }>(ana, 'POST', ACTIONS, { body, headers: keyed })
  const note = { body: { text: `A note of ${id}` }, headers: keyed }
  expect((await call(person, 'POST', `${ACTIONS}/${action.body.id}/notes`, note)).status).toBe(200)
  await takeStep(person, action.body.id, 'COMPLETED')
  const own = await createPlan(person, { title: `A plan of ${id}`, visibility: 'PUBLIC' })
  await createAction(person, own.id, { title: `An action of ${id}` })
  await createWebhook(person, { url: `https://hooks.example.com/${email}` })
  const calendar = await openCalendar(person)
  // Of the own plan as well: its creator is named in the facts that are frozen.
  await askForExport(person, own.id)
  const naming = await askForExport(marc, plan.id)
  const second = await askForExport(ana, own.id)
  await deliverExports(background)
  for (const link of mailedLinks(background).slice(-1)) await call(null, 'POST', link)
  await insertReminder({ companyId, userId: id, content: JSON.stringify({ name: person.name, to: email }) })
  await askForCode(email)
  const toUserId = ana.id
  const handed = await call(ana, 'POST', `${USERS}/${id}/reassignments`, { body: { toUserId } })
  expect([handed.status, second.requester.id], handed.text).toEqual([200, ana.id])
  expect((await call(ana, 'PATCH', `${USERS}/${id}`, { body: { active: false } })).status).toBe(200)
  await askForCode(email)
  const token = /([^/]{43})\.ics$/.exec(calendar)?.[1] ?? ''
  const hashes = await Promise.all([session, key.body.key, token, email.toLowerCase()].map(sha256Hex))
  const words = [person.name, email, ...hashes]
  return { person, words, naming, written: [`a note of ${id}`, `a plan of ${id}`, `an action of ${id}`] }
}

export function eraseUser(world: World, id: string) {
  return call(world.ana, 'POST', `${USERS}/${id}/erasure`)
}

/** How many objects there are in R2. */
export async function countObjects(): Promise<number> {
  return (await env.FILES.list()).objects.length
}
