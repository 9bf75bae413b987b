/** People in three databases use the same service, and do not meet. */
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { sha256Hex } from '../../src/platform/hash.ts'
import type { DatabaseName } from '../../src/platform/place.ts'
import { signSwitchOff } from '../../src/reminders/links.ts'
import { ACTIONS, call, createAction, createPlan, HIERARCHIES, ME, PLANS, USERS } from '../support/api.ts'
import { catchBackground } from '../support/background.ts'
import { eventsAt, openCalendar } from '../support/calendars.ts'
import { DAY, letPass } from '../support/clock.ts'
import { sendExportOf } from '../support/exports.ts'
import { livingIn } from '../support/home.ts'
import { enter, mailedCode } from '../support/sign-in.ts'
import { createWorld, openSession, type World } from '../support/world.ts'

const NAMES = ['DB', 'DB_2', 'DB_3'] as const
const worldIn = (name: DatabaseName): Promise<World> => livingIn(name, createWorld)
const FORM = { body: '', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }

describe.each(NAMES)('whoever is in %s', (name) => {
  it('signs in, works and signs out', async () => {
    const background = catchBackground()
    const { marc } = await worldIn(name)
    const signedIn = await enter(marc.email, await mailedCode(background, marc.email))
    expect(signedIn.status, signedIn.text).toBe(200)
    const who = { ...marc, session: signedIn.body.sessionId }
    expect((await call(who, 'GET', ME)).body).toMatchObject({ id: marc.id })
    const plan = await createPlan(who)
    expect((await call(who, 'GET', `${PLANS}/${plan.id}`)).status).toBe(200)
    expect((await call(who, 'DELETE', '/api/v1/sessions/current')).status).toBe(204)
    expect((await call(who, 'GET', ME)).status).toBe(401)
  })

  it('has a calendar at an address', async () => {
    const { marc } = await worldIn(name)
    const plan = await createPlan(marc)
    const dueDate = new Date(Date.now() + DAY).toISOString()
    await createAction(marc, plan.id, { title: 'Mine', dueDate, assigneeIds: [marc.id] })
    const path = await openCalendar(marc)
    expect((await eventsAt(path)).map(({ summary }) => summary)).toEqual([expect.stringContaining('Mine')])
    expect((await call(marc, 'DELETE', `${ME}/calendar`)).status).toBe(204)
    expect((await call(null, 'GET', path)).status).toBe(404)
  })

  it('exports, downloads, and is mailed fresh links', async () => {
    const background = catchBackground()
    const { marc } = await worldIn(name)
    const { link, id } = await livingIn(name, () => sendExportOf(marc, background))
    expect((await call(null, 'GET', link)).status).toBe(200)
    letPass(Number(env.EXPORT_LINK_TTL_SECONDS) * 1000 + 1000)
    expect((await call(null, 'GET', link)).status).toBe(410)
    expect((await call(null, 'POST', link, FORM)).status).toBeLessThan(400)
    expect(background.exports).toMatchObject([{ companyId: marc.companyId, exportId: id, database: name }])
  })

  it('switches reminders off at the address in each of them', async () => {
    const { marc } = await worldIn(name)
    const path = await signSwitchOff({ companyId: marc.companyId, userId: marc.id }, env.DERIVED_KEYS_SECRET)
    expect((await call(null, 'POST', path, FORM)).status).toBe(200)
    expect((await call(marc, 'GET', ME)).body).toMatchObject({ reminders: false })
  })

  it.each(NAMES.filter((other) => other !== name))('finds nothing of a company in %s', async (other) => {
    const [{ ana }, foreign] = [await worldIn(name), await worldIn(other)]
    const plan = await createPlan(foreign.ana, { visibility: 'PUBLIC' })
    const action = await createAction(foreign.ana, plan.id, { visibility: 'PUBLIC' })
    const area = await call<{ id: string }>(foreign.ana, 'POST', HIERARCHIES, { body: { name: 'Area' } })
    const paths = [
      ...[`${PLANS}/${plan.id}`, `${ACTIONS}/${action.id}`, `${USERS}/${foreign.marc.id}`],
      `${HIERARCHIES}/${area.body.id}`,
    ]
    for (const path of paths) {
      expect((await call(foreign.ana, 'GET', path)).status).toBe(200)
      for (const method of ['GET', 'PATCH', 'DELETE']) {
        if (method === 'DELETE' && path.startsWith(USERS)) continue
        const reply = await call(ana, method, path, method === 'PATCH' ? { body: {} } : {})
        expect(reply.status, `${method} ${path}`).toBe(404)
      }
    }
    const own = await createPlan(ana)
    const body = { planId: own.id, title: 'A', assigneeIds: [foreign.marc.id], hierarchyIds: [area.body.id] }
    expect((await call(ana, 'POST', ACTIONS, { body })).status).toBe(400)
  })

  it('has a session in no other database', async () => {
    const { marc } = await worldIn(name)
    const other = name === 'DB_2' ? 'DB_3' : 'DB_2'
    const token = await livingIn(name, () => openSession(marc))
    const hash = await sha256Hex(token)
    const record = JSON.parse((await env.SESSIONS.get(hash)) ?? '{}') as object
    await env.SESSIONS.put(hash, JSON.stringify({ ...record, database: other }))
    expect((await call(token, 'GET', ME)).status).toBe(401)
  })
})
