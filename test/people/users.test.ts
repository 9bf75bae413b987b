import { beforeEach, describe, expect, it } from 'vitest'
import type { UserView } from '../../src/people/schemas.ts'
import { call, codeOf, ME, namedPaths, PLANS, type Reply, type Slice, tagOf, USERS } from '../support/api.ts'
import { insertUser } from '../support/factories.ts'
import { createPerson, createWorld, openSession, type Person, type World } from '../support/world.ts'

let world: World
let count = 0

beforeEach(async () => {
  world = await createWorld()
})

async function create(fields: object, who: Person = world.ana): Promise<Reply<UserView>> {
  count += 1
  const body = { email: `user-${String(count)}@users.test`, name: 'Bea', role: 'MANAGER', ...fields }
  return call<UserView>(who, 'POST', USERS, { body })
}

async function patch(id: string, body: object, who: Person = world.ana): Promise<Reply<UserView>> {
  return call<UserView>(who, 'PATCH', `${USERS}/${id}`, { body })
}

async function list(query = ''): Promise<Slice<UserView>> {
  const reply = await call<Slice<UserView>>(world.marc, 'GET', `${USERS}${query}`)
  expect(reply.status, reply.text).toBe(200)
  return reply.body
}

describe('creating a user', () => {
  it('answers the user, active and reminded, with an address', async () => {
    const reply = await create({ email: ' Bea@Users.Test ', name: ' Béa ', role: 'EMPLOYEE' })
    const { id, createdAt } = reply.body
    expect(reply.body).toEqual({
      ...{ id, email: 'Bea@Users.Test', name: 'Béa', role: 'EMPLOYEE' },
      ...{ active: true, language: null, reminders: true, createdAt },
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

  it('is for an ADMIN', async () => {
    expect((await create({}, world.marc)).status).toBe(403)
  })
})

describe('an e-mail address', () => {
  it('is unique over all companies, whatever its case', async () => {
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

  it('stays taken by who is deactivated', async () => {
    const { id, email } = (await create({})).body
    await patch(id, { active: false })
    expect((await create({ email }, world.gus)).status).toBe(409)
  })

  it('goes to exactly one of four who ask at once in two companies, in ten runs', async () => {
    for (let run = 0; run < 10; run += 1) {
      const address = `race-${String(run)}-${world.companyId}@x.test`
      const replies = await Promise.all([
        ...[1, 2].map(() => create({ email: address.replace('race', 'Race') }, world.ana)),
        ...[1, 2].map(() => create({ email: address }, world.gus)),
      ])
      expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409])
    }
  })
})

describe('a list of users', () => {
  it('is newest first, in slices, of the own company alone', async () => {
    const all = await list()
    expect(all.result.map(({ name }) => name).sort()).toEqual(['Ana', 'Eli', 'Marc', 'Noa'])
    const keys = all.result.map(({ createdAt, id }) => createdAt + id)
    expect(keys).toEqual([...keys].sort().reverse())
    expect(await list('?from=1&to=3')).toEqual({ from: 1, to: 3, total: 4, result: all.result.slice(1, 3) })
  })

  it.each([
    [`q=${encodeURIComponent('NÚÑ')}`, ['Ángel Núñez']],
    ['q=ANGEL-', ['Ángel Núñez']],
    ['q=%25', []],
    ['active=false', ['Ángel Núñez']],
    ['role=ADMIN', ['Ana']],
    ['role=MANAGER&active=true&q=a', ['Marc', 'Noa']],
    ['q=%20', ['Ana', 'Eli', 'Marc', 'Noa', 'Ángel Núñez']],
  ])('filtered by ?%s holds %j: name or address, role and activity at once', async (query, names) => {
    const { companyId } = world
    const email = `angel-${companyId}@users.test`
    await insertUser({ companyId, name: 'Ángel Núñez', email, active: false })
    expect((await list(`?${query}`)).result.map(({ name }) => name).sort()).toEqual(names)
  })

  it.each([
    ['role=BOSS', ['role']],
    ['active=yes', ['active']],
    ['active=1', ['active']],
    [`q=${'x'.repeat(201)}`, ['q']],
    ['from=10&to=9&active=yes&role=BOSS', ['active', 'role', 'to']],
  ])('is refused for ?%s, which names %j', async (query, paths) => {
    const reply = await call(world.marc, 'GET', `${USERS}?${query}`)
    expect([reply.status, namedPaths(reply).sort()]).toEqual([400, paths])
  })
})

describe('a user of another company', () => {
  it('is neither read nor changed', async () => {
    expect((await call(world.ana, 'GET', `${USERS}/${world.gus.id}`)).status).toBe(404)
    expect((await patch(world.gus.id, { name: 'x' })).status).toBe(404)
  })
})

describe('changing a user', () => {
  it('changes name and role', async () => {
    const { body } = await create({})
    const changed = await patch(body.id, { name: 'Bea II', role: 'ADMIN' })
    expect(changed.body).toEqual({ ...body, name: 'Bea II', role: 'ADMIN' })
  })

  it('takes null as no change, and never changes address, language or reminders', async () => {
    const { body } = await create({})
    const nothing = { name: null, role: null, active: null }
    expect(
      (await patch(body.id, { ...nothing, email: 'new@x.test', language: 'es', reminders: false })).body,
    ).toEqual(body)
  })

  it('is for an ADMIN, oneself included', async () => {
    expect((await patch(world.noa.id, { name: 'x' }, world.marc)).status).toBe(403)
    expect((await patch(world.marc.id, { role: 'ADMIN' }, world.marc)).status).toBe(403)
  })

  it('to another role acts on the very next request', async () => {
    expect((await call(world.noa, 'GET', PLANS)).status).toBe(200)
    await patch(world.noa.id, { role: 'EMPLOYEE' })
    expect((await call(world.noa, 'GET', PLANS)).status).toBe(403)
    expect((await call(world.noa, 'POST', PLANS, { body: { title: 'x' } })).status).toBe(403)
    expect((await call(world.noa, 'GET', ME)).body.role).toBe('EMPLOYEE')
  })

  it('from ADMIN to MANAGER ends what only an ADMIN may', async () => {
    const other = await createPerson(world.companyId, 'ADMIN')
    await patch(other.id, { role: 'MANAGER' })
    expect((await create({}, other)).status).toBe(403)
  })

  it('to inactive ends the session at once', async () => {
    await patch(world.noa.id, { active: false })
    expect((await call(world.noa, 'GET', ME)).status).toBe(401)
    expect((await call(world.noa, 'POST', PLANS, { body: { title: 'x' } })).status).toBe(401)
  })

  it('twice at once with one If-Match lets one win', async () => {
    const path = `${USERS}/${world.noa.id}`
    const headers = { 'If-Match': await tagOf(world.ana, path) }
    const replies = await Promise.all(
      ['One', 'Two'].map((name) => call(world.ana, 'PATCH', path, { body: { name }, headers })),
    )
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 412])
  })
})

describe('the last active ADMIN', () => {
  it.each([{ role: 'MANAGER' }, { active: false }, { role: 'EMPLOYEE', active: false }])(
    'stays so: %j is refused',
    async (body) => {
      const reply = await patch(world.ana.id, body)
      expect([reply.status, codeOf(reply)]).toEqual([409, 'LAST_ADMIN'])
    },
  )

  it('may be renamed', async () => {
    expect((await patch(world.ana.id, { name: 'Ana II', role: 'ADMIN', active: true })).status).toBe(200)
  })

  it('is the last beside one who is deactivated, who may be demoted', async () => {
    const idle = await insertUser({ companyId: world.companyId, role: 'ADMIN', active: false })
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
      const admins = await list('?role=ADMIN&active=true')
      expect(admins.total, JSON.stringify(replies.map(({ text }) => text))).toBe(1)
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
      const left = admins.result[0]?.id === world.ana.id ? world.ana : other
      const gone = left === world.ana ? other : world.ana
      await patch(gone.id, { role: 'ADMIN', active: true }, left)
      gone.session = await openSession(gone)
    }
  })
})

describe.each(['ana', 'marc', 'eli'] as const)('the user of the session, %s,', (name) => {
  it('chooses a language, and gives it up again, each under a new entity tag', async () => {
    const patchMe = (body: object) => call<UserView>(world[name], 'PATCH', ME, { body })
    const tags = [await tagOf(world[name], ME)]
    expect((await patchMe({ language: 'es' })).body.language).toBe('es')
    tags.push(await tagOf(world[name], ME))
    expect((await patchMe({ language: null, clearLanguage: false })).body.language).toBe('es')
    expect((await patchMe({ clearLanguage: true, language: null })).body.language).toBeNull()
    expect((await call(world[name], 'GET', ME)).body.language).toBeNull()
    tags.push(await tagOf(world[name], ME))
    expect(tags[1]).not.toBe(tags[0])
    expect(tags[2]).not.toBe(tags[1])
  })

  it.each([
    [{ language: 'ca' }, ['language']],
    [{ language: 'ES' }, ['language']],
    [{ language: 'es', clearLanguage: true }, ['clearLanguage']],
    [{ clearLanguage: 'yes' }, ['clearLanguage']],
  ])('is refused %j', async (body, paths) => {
    const bad = await call(world[name], 'PATCH', ME, { body })
    expect([bad.status, namedPaths(bad)]).toEqual([400, paths])
  })

  it('changes the own name and reminders, and nothing else', async () => {
    const { id, email, role } = world[name]
    const before = (await call<UserView>(world[name], 'GET', ME)).body
    expect(before).toMatchObject({ id, email, role, active: true, reminders: true })
    const own = { name: 'New name', reminders: false }
    const { body } = await call<UserView>(world[name], 'PATCH', ME, {
      body: { ...own, role: 'ADMIN', active: false, email: 'x@y.test' },
    })
    expect(body).toEqual({ ...before, ...own })
    expect((await call(world[name], 'PATCH', ME, { body: { reminders: null } })).body).toEqual(body)
  })

  it('is told which members are wrong', async () => {
    const bad = await call(world[name], 'PATCH', ME, { body: { name: ' ', reminders: 'no' } })
    expect([bad.status, namedPaths(bad)]).toEqual([400, ['name', 'reminders']])
  })
})
