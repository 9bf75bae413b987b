import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { exports, history } from '../../src/db/schema.ts'
import {
  ACTIONS,
  call,
  codeOf,
  createAction,
  createPlan,
  HISTORY,
  PLANS,
  takeStep,
  tagOf,
  USERS,
} from '../support/api.ts'
import { type Background, catchBackground, deliverExports } from '../support/background.ts'
import { dumpDatabase } from '../support/dump.ts'
import {
  askForExport,
  deliverExport,
  objectsOf,
  outliveLeases,
  pretendBuilding,
  readExport,
  sendExportOf,
} from '../support/exports.ts'
import { insertUser } from '../support/factories.ts'
import { sweep } from '../support/clock.ts'
import { tracesOf } from '../support/traces.ts'
import { createPerson, createWorld, type World } from '../support/world.ts'
import { countObjects, eraseUser, leave } from './scene.ts'
import { home } from '../support/home.ts'

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
})

const deactivate = (id: string) => call(world.ana, 'PATCH', `${USERS}/${id}`, { body: { active: false } })

describe('an erasure', () => {
  it('leaves no trace of who the person was, and what the person wrote', async () => {
    const { person, words, written } = await leave(world, background)
    const before = await tracesOf(words)
    const places = new Set(before.map((trace) => trace.split(':')[0]))
    expect([...places].sort()).toEqual(
      [
        ...[
          'KV',
          'R2',
          'access_keys',
          'exports',
          'idempotency_records',
          'reminders',
          'sessions',
          'sign_in_codes',
        ],
        ...['users', 'webhooks'],
      ].sort(),
    )
    const reply = await eraseUser(world, person.id)
    expect([reply.status, reply.body.name], reply.text).toEqual([200, 'Former colleague'])
    expect(await tracesOf(words)).toEqual([])
    for (const text of written) expect((await tracesOf([text])).length, text).toBeGreaterThan(0)
  })

  it('answers the user as now shown, in the language of the company, and done again the same', async () => {
    await call(world.ana, 'PATCH', '/api/v1/company', { body: { language: 'es' } })
    const former = await insertUser({
      companyId: world.companyId,
      name: 'Lou',
      role: 'EMPLOYEE',
      active: false,
    })
    const shown = await call(world.ana, 'GET', `${USERS}/${former.id}`)
    const reply = await eraseUser(world, former.id)
    expect(reply.status, reply.text).toBe(200)
    expect(reply.body).toEqual({
      ...shown.body,
      ...{ name: 'Antiguo compañero', email: `erased-${former.id}@erased.invalid` },
    })
    const after = await dumpDatabase()
    const again = await eraseUser(world, former.id)
    expect([again.status, again.body]).toEqual([200, reply.body])
    expect(again.headers.get('ETag')).toBe(await tagOf(world.ana, `${USERS}/${former.id}`))
    expect(await dumpDatabase()).toEqual(after)
  })

  it('frees the address', async () => {
    const former = await insertUser({ companyId: world.companyId, active: false })
    const body = { email: former.email, name: 'Again', role: 'MANAGER' }
    expect((await call(world.ana, 'POST', USERS, { body })).status).toBe(409)
    await eraseUser(world, former.id)
    expect((await call(world.ana, 'POST', USERS, { body })).status).toBe(200)
  })

  it('is refused while the user is active, and for nobody', async () => {
    const reply = await eraseUser(world, world.noa.id)
    expect([reply.status, codeOf(reply)]).toEqual([409, 'USER_ACTIVE'])
    expect((await eraseUser(world, world.gus.id)).status).toBe(404)
  })

  it.each(['an assignment', 'a plan', 'an action'])(
    'is refused while %s waits to be handed over',
    async (what) => {
      const { ana, noa } = world
      const plan = await createPlan(what === 'a plan' ? noa : ana, { visibility: 'PUBLIC' })
      if (what === 'an assignment') await createAction(ana, plan.id, { assigneeIds: [noa.id] })
      if (what === 'an action') {
        const { id } = await createAction(noa, plan.id)
        await takeStep(noa, id, 'COMPLETED')
      }
      await deactivate(noa.id)
      const reply = await eraseUser(world, noa.id)
      expect([reply.status, codeOf(reply)]).toEqual([409, 'WORK_NOT_HANDED_OVER'])
      await call(ana, 'POST', `${USERS}/${noa.id}/reassignments`, { body: { toUserId: ana.id } })
      expect((await eraseUser(world, noa.id)).status).toBe(200)
    },
  )

  it('cannot be undone: the user is neither reactivated nor renamed', async () => {
    const former = await insertUser({ companyId: world.companyId, active: false })
    await eraseUser(world, former.id)
    for (const body of [{ active: true }, { name: 'Lou' }, { role: 'EMPLOYEE' }]) {
      const reply = await call(world.ana, 'PATCH', `${USERS}/${former.id}`, { body })
      expect([reply.status, codeOf(reply)]).toEqual([409, 'USER_ERASED'])
    }
    const same = await call(world.ana, 'PATCH', `${USERS}/${former.id}`, { body: { active: false } })
    expect(same.status).toBe(200)
  })

  it('shows the person as a former colleague wherever the id is kept, with another ETag', async () => {
    const { ana, marc, noa } = world
    const plan = await createPlan(ana, { visibility: 'PUBLIC' })
    const action = await createAction(ana, plan.id, { assigneeIds: [noa.id, ana.id] })
    await call(noa, 'POST', `${ACTIONS}/${action.id}/notes`, { body: { text: 'Done' } })
    await takeStep(noa, action.id, 'COMPLETED')
    await deactivate(noa.id)
    const path = `${ACTIONS}/${action.id}`
    const [tag, planTag] = [await tagOf(marc, path), await tagOf(marc, `${PLANS}/${plan.id}`)]
    expect((await eraseUser(world, noa.id)).status).toBe(200)
    const read = await call<{ assignees: object[] }>(marc, 'GET', path)
    expect(read.body.assignees[0]).toMatchObject({ userId: noa.id, name: 'Former colleague', active: false })
    expect(read.headers.get('ETag')).not.toBe(tag)
    expect(await tagOf(marc, `${PLANS}/${plan.id}`)).not.toBe(planTag)
    const notes = await call<{ result: object[] }>(marc, 'GET', `${path}/notes`)
    expect(notes.body.result[0]).toMatchObject({ authorName: 'Former colleague', text: 'Done' })
    const told = await call<{ entries: object[] }>(marc, 'GET', `${HISTORY}?actorId=${noa.id}`)
    expect(told.body.entries[0]).toMatchObject({ actor: { userId: noa.id, name: 'Former colleague' } })
    const left = await drizzle(home).$count(history, eq(history.actorId, noa.id))
    expect(left).toBe(told.body.entries.length)
  })
})

describe('of the exports, an erasure', () => {
  /** A plan of ana's in which noa did something, and from which she has gone. */
  async function planNaming() {
    const plan = await createPlan(world.ana, { visibility: 'PUBLIC' })
    const action = await createAction(world.ana, plan.id, { assigneeIds: [world.noa.id] })
    await takeStep(world.noa, action.id, 'COMPLETED')
    return plan
  }

  it('has those of others that name the person expire, and leaves the rest alone', async () => {
    const { noa, marc } = world
    const plan = await planNaming()
    const naming = await askForExport(marc, plan.id)
    await deliverExports(background)
    const other = await sendExportOf(marc, background)
    await deactivate(noa.id)
    const before = await readExport(other)
    expect((await eraseUser(world, noa.id)).status).toBe(200)
    expect(await readExport(naming)).toMatchObject({ status: 'EXPIRED', failure: null })
    expect(await objectsOf(naming)).toEqual([])
    expect((await call(marc, 'POST', `${naming.location}/links`)).status).toBe(410)
    expect(await readExport(other)).toEqual(before)
    expect(await objectsOf(other)).toHaveLength(1)
    // What is exported from now on names a former colleague, and stays.
    const later = await askForExport(marc, plan.id)
    await deliverExports(background)
    await eraseUser(world, noa.id)
    expect(await readExport(later)).toMatchObject({ status: 'SENT' })
  })

  it('ends one that is being built as FAILED, with a mail, and its builder leaves no file', async () => {
    const { noa, marc } = world
    const plan = await planNaming()
    const naming = await askForExport(marc, plan.id)
    await deactivate(noa.id)
    // Erased at the moment at which the builder stores the file.
    const put = env.FILES.put.bind(env.FILES)
    let isErased = false
    const bucket = new Proxy(env.FILES, {
      get: (target, name) =>
        name === 'put'
          ? async (...given: Parameters<typeof put>) => {
              isErased = (await eraseUser(world, noa.id)).status === 200
              return put(...given)
            }
          : (Reflect.get(target, name) as () => unknown).bind(target),
    })
    await deliverExport(naming, 1, { ...env, FILES: bucket })
    expect(isErased).toBe(true)
    expect(await readExport(naming)).toMatchObject({ status: 'FAILED', failure: { code: 'PERSON_ERASED' } })
    expect(await objectsOf(naming)).toEqual([])
    outliveLeases()
    await deliverExport(naming)
    expect(background.mails.at(-1)).toMatchObject({ to: [marc.email], key: `${naming.id}-failed` })
  })

  it('lets one that has not begun go on', async () => {
    const plan = await planNaming()
    const naming = await askForExport(world.marc, plan.id)
    await deactivate(world.noa.id)
    await eraseUser(world, world.noa.id)
    await deliverExports(background)
    expect(await readExport(naming)).toMatchObject({ status: 'SENT' })
  })

  it('takes one of an older version, of which nobody knows whom it names, for naming the person', async () => {
    const old = await sendExportOf(world.marc, background)
    const building = await askForExport(world.marc, (await createPlan(world.marc)).id)
    await pretendBuilding([building])
    await drizzle(home).update(exports).set({ people: null }).where(eq(exports.id, old.id))
    const elsewhere = await sendExportOf(world.gus, background)
    await deactivate(world.noa.id)
    await eraseUser(world, world.noa.id)
    expect(await readExport(old)).toMatchObject({ status: 'EXPIRED' })
    expect(await readExport(building)).toMatchObject({ status: 'FAILED', failure: { code: 'PERSON_ERASED' } })
    expect(await readExport(elsewhere)).toMatchObject({ status: 'SENT' })
    expect(await objectsOf(elsewhere)).toHaveLength(1)
  })

  it('deletes those of the person, waiting ones too, and nothing is mailed', async () => {
    const person = await createPerson(world.companyId, 'MANAGER')
    const sent = await sendExportOf(person, background)
    const waiting = await askForExport(person, (await createPlan(person)).id)
    await call(world.ana, 'POST', `${USERS}/${person.id}/reassignments`, { body: { toUserId: world.ana.id } })
    await deactivate(person.id)
    const [mails, objects] = [background.mails.length, await countObjects()]
    expect((await eraseUser(world, person.id)).status).toBe(200)
    expect(await drizzle(home).$count(exports, eq(exports.requestedBy, person.id))).toBe(0)
    expect([await countObjects(), await objectsOf(sent)]).toEqual([objects - 1, []])
    expect((await deliverExport(waiting)).acked).toBe(true)
    await sweep()
    expect(background.mails).toHaveLength(mails)
  })
})
