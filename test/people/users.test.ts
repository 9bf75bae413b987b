import { beforeEach, describe, expect, it } from 'vitest'
import type { UserView } from '../../src/people/schemas.ts'
import {
  call,
  codeOf,
  COMPANY,
  ME,
  namedPaths,
  PLANS,
  type Reply,
  type Slice,
  USERS,
} from '../support/api.ts'
import { createPerson, createWorld, openSession, type Person, type World } from '../support/world.ts'

let world: World
let count = 0

beforeEach(async () => {
  world = await createWorld()
})

async function create(fields: object, who: Person = world.ana, headers = {}): Promise<Reply<UserView>> {
  count += 1
  const body = { email: `user-${String(count)}@users.test`, name: 'Bea', role: 'MANAGER', ...fields }
  return call<UserView>(who, 'POST', USERS, { body, headers })
}

async function patch(id: string, body: object, who: Person = world.ana): Promise<Reply<UserView>> {
  return call<UserView>(who, 'PATCH', `${USERS}/${id}`, { body })
}

async function list(query = '', who: Person = world.marc): Promise<Slice<UserView>> {
  const reply = await call<Slice<UserView>>(who, 'GET', `${USERS}${query}`)
  expect(reply.status, reply.text).toBe(200)
  return reply.body
}

describe('creating', () => {
  it('answers the user, active and reminded, with an address', async () => {
    const reply = await create({ email: ' Bea@Users.Test ', name: ' Béa ', role: 'EMPLOYEE' })
    const { id, createdAt } = reply.body
    expect(reply.body).toEqual({
      ...{ id, email: 'Bea@Users.Test', name: 'Béa', role: 'EMPLOYEE' },
      ...{ active: true, reminders: true, createdAt },
    })
    expect(reply.headers.get('Location')).toBe(`${USERS}/${id}`)
    const read = await call(world.noa, 'GET', `${USERS}/${id}`)
    expect([read.body, read.headers.get('ETag')]).toEqual([reply.body, reply.headers.get('ETag')])
  })

  it.each([
    [{ email: undefined, name: undefined, role: undefined }, ['email', 'name', 'role']],
    [{ email: 'bea', name: '', role: 'admin' }, ['email', 'name', 'role']],
    [{ email: `${'x'.repeat(250)}@users.test` }, ['email']],
    [{ name: 'a\nb' }, ['name']],
    [{ name: 'x'.repeat(201) }, ['name']],
    [{ name: '😀'.repeat(65) }, ['name']],
  ])('refuses %j', async (fields, paths) => {
    const reply = await create(fields)
    expect([reply.status, namedPaths(reply)]).toEqual([400, paths])
  })

  it('is for an ADMIN, as is changing', async () => {
    expect((await create({}, world.marc)).status).toBe(403)
    expect((await patch(world.noa.id, { name: 'x' }, world.marc)).status).toBe(403)
    expect((await patch(world.marc.id, { role: 'ADMIN' }, world.marc)).status).toBe(403)
  })
})

describe('e-mail addresses', () => {
  it('are unique over all companies, whatever their case', async () => {
    const { email } = (await create({})).body
    for (const [who, taken] of [
      [world.ana, email],
      [world.gus, email.toUpperCase()],
      [world.gus, ` ${email}`],
    ] as const) {
      const reply = await create({ email: taken }, who)
      expect([reply.status, codeOf(reply)]).toEqual([409, 'EMAIL_TAKEN'])
    }
  })

  it('stay taken by who is deactivated', async () => {
    const { id, email } = (await create({})).body
    await patch(id, { active: false })
    expect((await create({ email }, world.gus)).status).toBe(409)
  })

  it('go to exactly one of many at once, in two companies', async () => {
    for (let run = 0; run < 10; run += 1) {
      const replies = await Promise.all(
        [world.ana, world.gus, world.ana, world.gus].map((who, index) =>
          create(
            { email: `${index % 2 === 0 ? 'Race' : 'race'}-${String(run)}-${world.companyId}@x.test` },
            who,
          ),
        ),
      )
      expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409])
    }
  })
})

describe('listing', () => {
  it('is newest first, in slices, of the own company alone', async () => {
    const all = await list()
    expect(all.result.map(({ name }) => name).sort()).toEqual(['Ana', 'Eli', 'Marc', 'Noa'])
    const keys = all.result.map(({ createdAt, id }) => createdAt + id)
    expect(keys).toEqual([...keys].sort().reverse())
    expect(await list('?from=1&to=3')).toEqual({ from: 1, to: 3, total: 4, result: all.result.slice(1, 3) })
  })

  it('finds by name and address, role and activity, all at once', async () => {
    const { id } = (await create({ name: 'Ángel Núñez', email: `angel-${world.companyId}@users.test` })).body
    await patch(id, { active: false })
    const found = async (query: string) => (await list(query)).result.map(({ name }) => name)
    expect(await found(`?q=${encodeURIComponent('NÚÑ')}`)).toEqual(['Ángel Núñez'])
    expect(await found(`?q=ANGEL-`)).toEqual(['Ángel Núñez'])
    expect(await found('?q=%25')).toEqual([])
    expect(await found('?active=false')).toEqual(['Ángel Núñez'])
    expect(await found('?role=ADMIN')).toEqual(['Ana'])
    expect(await found('?role=MANAGER&active=true&q=a')).toHaveLength(2)
    expect((await found('?q=%20')).length).toBe(5)
    for (const query of ['role=BOSS', 'active=yes', 'active=1', `q=${'x'.repeat(201)}`]) {
      const reply = await call(world.marc, 'GET', `${USERS}?${query}`)
      expect([reply.status, namedPaths(reply)]).toEqual([400, [query.split('=')[0]]])
    }
  })

  it('names every wrong parameter at once', async () => {
    const reply = await call(world.ana, 'GET', `${USERS}?from=10&to=9&active=yes&role=BOSS`)
    expect([reply.status, namedPaths(reply).sort()]).toEqual([400, ['active', 'role', 'to']])
  })

  it('knows nobody of another company', async () => {
    expect((await call(world.ana, 'GET', `${USERS}/${world.gus.id}`)).status).toBe(404)
    expect((await patch(world.gus.id, { name: 'x' })).status).toBe(404)
  })
})

describe('changing', () => {
  it('moves name, role and activity, takes null as no change, and never the address', async () => {
    const { body } = await create({})
    const same = await patch(body.id, {
      name: null,
      role: null,
      active: null,
      email: 'new@x.test',
      reminders: false,
    })
    expect(same.body).toEqual(body)
    const changed = await patch(body.id, { name: 'Bea II', role: 'ADMIN' })
    expect(changed.body).toEqual({ ...body, name: 'Bea II', role: 'ADMIN' })
  })

  it('deactivation and demotion act on the very next request, reactivation with a new session', async () => {
    expect((await call(world.noa, 'GET', PLANS)).status).toBe(200)
    await patch(world.noa.id, { role: 'EMPLOYEE' })
    expect((await call(world.noa, 'GET', PLANS)).status).toBe(403)
    expect((await call(world.noa, 'POST', PLANS, { body: { title: 'x' } })).status).toBe(403)
    expect((await call(world.noa, 'GET', ME)).body.role).toBe('EMPLOYEE')
    await patch(world.noa.id, { active: false, role: 'MANAGER' })
    expect((await call(world.noa, 'GET', ME)).status).toBe(401)
    expect((await call(world.noa, 'POST', PLANS, { body: { title: 'x' } })).status).toBe(401)
    const other = await createPerson(world.companyId, 'ADMIN')
    await patch(other.id, { role: 'MANAGER' })
    expect((await create({}, other)).status).toBe(403)
  })

  it('with If-Match lets one of two win', async () => {
    const tag = (await call(world.ana, 'GET', `${USERS}/${world.noa.id}`)).headers.get('ETag') ?? ''
    const replies = await Promise.all(
      ['One', 'Two'].map((name) =>
        call(world.ana, 'PATCH', `${USERS}/${world.noa.id}`, {
          body: { name },
          headers: { 'If-Match': tag },
        }),
      ),
    )
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 412])
  })
})

describe('the last active ADMIN', () => {
  it('can be neither demoted nor deactivated, renamed all the same', async () => {
    for (const body of [{ role: 'MANAGER' }, { active: false }, { role: 'EMPLOYEE', active: false }]) {
      const reply = await patch(world.ana.id, body)
      expect([reply.status, codeOf(reply)]).toEqual([409, 'LAST_ADMIN'])
    }
    expect((await patch(world.ana.id, { name: 'Ana II', role: 'ADMIN', active: true })).status).toBe(200)
    const idle = await createPerson(world.companyId, 'ADMIN')
    await patch(idle.id, { active: false })
    expect((await patch(world.ana.id, { role: 'MANAGER' })).status).toBe(409)
    expect((await patch(idle.id, { role: 'MANAGER' })).status).toBe(200)
  })

  it('is left by any two that step down at once, in forty runs', async () => {
    const other = await createPerson(world.companyId, 'ADMIN')
    const both = [world.ana, other] as const
    for (let run = 0; run < 40; run += 1) {
      const body = run % 2 === 0 ? { role: 'MANAGER' } : { active: false }
      // Each themselves, or each the other.
      const replies = await Promise.all(
        both.map((who, index) => patch(both[run % 4 < 2 ? index : 1 - index]?.id ?? '', body, who)),
      )
      const admins = await list('?role=ADMIN&active=true', world.marc)
      expect(admins.total, JSON.stringify(replies.map(({ text }) => text))).toBe(1)
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
      const left = admins.result[0]?.id === world.ana.id ? world.ana : other
      const gone = left === world.ana ? other : world.ana
      await patch(gone.id, { role: 'ADMIN', active: true }, left)
      gone.session = await openSession(gone)
    }
  })
})

describe('oneself', () => {
  it.each(['ana', 'marc', 'eli'] as const)(
    '%s may change name and reminders, and nothing else',
    async (name) => {
      const who = world[name]
      const before = (await call<UserView>(who, 'GET', ME)).body
      expect(before).toMatchObject({
        id: who.id,
        email: who.email,
        role: who.role,
        active: true,
        reminders: true,
      })
      const { body } = await call<UserView>(who, 'PATCH', ME, {
        body: { name: 'New name', reminders: false, role: 'ADMIN', active: false, email: 'x@y.test' },
      })
      expect(body).toEqual({ ...before, name: 'New name', reminders: false })
      expect((await call(who, 'PATCH', ME, { body: { reminders: null } })).body).toEqual(body)
      const bad = await call(who, 'PATCH', ME, { body: { name: ' ', reminders: 'no' } })
      expect([bad.status, namedPaths(bad)]).toEqual([400, ['name', 'reminders']])
    },
  )
})

describe('the company', () => {
  it('is read by managers and changed by an ADMIN', async () => {
    const { body } = await call(world.noa, 'GET', COMPANY)
    expect(body).toEqual({ id: world.companyId, name: body.name, timeZone: 'Europe/Madrid' })
    const change = { body: { name: ' Acme ', timeZone: 'America/Bogota' } }
    expect((await call(world.noa, 'PATCH', COMPANY, change)).status).toBe(403)
    const after = await call(world.ana, 'PATCH', COMPANY, change)
    expect(after.body).toEqual({ id: world.companyId, name: 'Acme', timeZone: 'America/Bogota' })
    expect((await call(world.noa, 'GET', COMPANY)).body).toEqual(after.body)
    for (const timeZone of ['Mars/Base', '+01:00', '', 7]) {
      const bad = await call(world.ana, 'PATCH', COMPANY, { body: { timeZone, name: '' } })
      expect([bad.status, namedPaths(bad).sort()]).toEqual([400, ['name', 'timeZone']])
    }
  })
})
