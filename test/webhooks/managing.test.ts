import { beforeAll, describe, expect, it } from 'vitest'
import { EVENT_TYPES } from '../../src/db/enums.ts'
import type { WebhookView } from '../../src/webhooks/schemas.ts'
import { call, codeOf, namedPaths, type Slice, tagOf } from '../support/api.ts'
import { createWebhook, ping, URL, WEBHOOKS } from '../support/webhooks.ts'
import { createCompany, createPerson, createWorld, openKey, type World } from '../support/world.ts'

let world: World

beforeAll(async () => {
  world = await createWorld()
})

it('shows the secret of a new webhook once', async () => {
  const { marc } = world
  const reply = await call<WebhookView & { secret: string }>(marc, 'POST', WEBHOOKS, { body: { url: URL } })
  const { secret, ...webhook } = reply.body
  expect(webhook).toMatchObject({ url: URL, types: null, active: true, userId: marc.id, switchedOffAt: null })
  expect(reply.headers.get('Location')).toBe(`${WEBHOOKS}/${webhook.id}`)
  const [prefix, key = ''] = secret.split('_')
  const bytes = atob(key).length
  expect([prefix, bytes >= 24 && bytes <= 64]).toEqual(['whsec', true])
  const read = await call<WebhookView>(marc, 'GET', `${WEBHOOKS}/${webhook.id}`)
  expect(read.body).toEqual(webhook)
  expect(read.headers.get('ETag')).toBe(reply.headers.get('ETag'))
  const listed = await call<Slice<WebhookView>>(marc, 'GET', WEBHOOKS)
  expect(listed.body).toEqual({ from: 0, to: 1, total: 1, result: [webhook] })
})

it('gives another secret, which differs from the first and from that of others', async () => {
  const { noa } = world
  const [webhook, other] = [await createWebhook(noa), await createWebhook(noa)]
  const renewed = await call<{ secret: string }>(noa, 'POST', `${webhook.path}/secret`)
  expect(renewed.status).toBe(200)
  expect(new Set([webhook.secret, other.secret, renewed.body.secret]).size).toBe(3)
  for (const { path } of [webhook, other]) await call(noa, 'DELETE', path)
})

it('is changed by a PATCH, and may be sent everything again', async () => {
  const { noa } = world
  const { path, types } = await createWebhook(noa, { types: ['export.sent', 'plan.updated', 'export.sent'] })
  expect(types).toEqual(['export.sent', 'plan.updated'])
  const patch = async (body: object) => (await call<WebhookView>(noa, 'PATCH', path, { body })).body
  const url = 'https://hooks.example.com/other'
  expect(await patch({ url, types: ['note.added'] })).toMatchObject({
    url,
    types: ['note.added'],
    active: true,
  })
  expect(await patch({ types: null, active: false })).toMatchObject({ types: ['note.added'], active: false })
  expect(await patch({ allTypes: true })).toMatchObject({ types: null, active: false })
  expect(await patch({ active: true })).toMatchObject({ active: true })
  const both = await call(noa, 'PATCH', path, { body: { allTypes: true, types: ['note.added'] } })
  expect([both.status, namedPaths(both)]).toEqual([400, ['allTypes']])
})

it('decides If-Match with the write', async () => {
  const { noa } = world
  const { path } = await createWebhook(noa)
  const headers = { 'If-Match': await tagOf(noa, path) }
  const patches = await Promise.all(
    ['a', 'b'].map((name) =>
      call(noa, 'PATCH', path, { body: { url: `https://${name}.example.com/` }, headers }),
    ),
  )
  expect(patches.map(({ status }) => status).sort()).toEqual([200, 412])
  expect((await call(noa, 'DELETE', path, { headers })).status).toBe(412)
  const current = { 'If-Match': await tagOf(noa, path) }
  expect((await call(noa, 'DELETE', path, { headers: current })).status).toBe(204)
  expect((await call(noa, 'GET', path)).status).toBe(404)
})

it('belongs to its user alone', async () => {
  const { ana, marc, eli, gus } = world
  const { path } = await createWebhook(marc)
  const requests: [string, string, object?][] = [
    ['GET', path],
    ['PATCH', path, { active: false }],
    ['DELETE', path],
    ['POST', `${path}/secret`],
    ['POST', `${path}/ping`],
    ['GET', `${path}/deliveries`],
    ['POST', `${path}/deliveries/${'0'.repeat(24)}/retries`],
  ]
  for (const [method, target, body] of requests) {
    const status = async (who: typeof ana) => (await call(who, method, target, body ? { body } : {})).status
    expect([await status(ana), await status(gus), await status(eli)]).toEqual([403, 404, 403])
  }
  expect((await call(eli, 'POST', WEBHOOKS, { body: { url: URL } })).status).toBe(403)
  expect((await call<Slice<unknown>>(ana, 'GET', WEBHOOKS)).body.total).toBe(0)
})

it('is made once for an Idempotency-Key, and shows its secret once', async () => {
  const { ana } = world
  const options = { body: { url: 'https://once.example.com/' }, headers: { 'Idempotency-Key': 'once' } }
  const first = await call(ana, 'POST', WEBHOOKS, options)
  const second = await call(ana, 'POST', WEBHOOKS, options)
  expect([first.status, second.status, codeOf(second)]).toEqual([200, 409, 'SECRET_NOT_REPEATED'])
  const { result } = (await call<Slice<WebhookView>>(ana, 'GET', WEBHOOKS)).body
  expect(result.filter(({ url }) => url === options.body.url)).toHaveLength(1)
})

it('may be read, pinged and tried again with an access key, as its scope says, and no more', async () => {
  const { noa } = world
  const webhook = await createWebhook(noa)
  const { id } = await ping(webhook)
  const [read, write] = [await openKey(noa, 'READ'), await openKey(noa, 'WRITE')]
  const body = { url: URL }
  const requests: [string, string, number[], object?][] = [
    ['GET', WEBHOOKS, [200, 200]],
    ['GET', webhook.path, [200, 200]],
    ['GET', `${webhook.path}/deliveries`, [200, 200]],
    ['POST', `${webhook.path}/ping`, [403, 200]],
    ['POST', `${webhook.path}/deliveries/${id}/retries`, [403, 200]],
    ['POST', WEBHOOKS, [403, 403], body],
    ['PATCH', webhook.path, [403, 403], body],
    ['POST', `${webhook.path}/secret`, [403, 403]],
    ['DELETE', webhook.path, [403, 403]],
  ]
  for (const [method, path, statuses, sent] of requests) {
    const options = sent ? { body: sent } : {}
    const answers = [await call(read, method, path, options), await call(write, method, path, options)]
    expect(
      answers.map(({ status }) => status),
      `${method} ${path}`,
    ).toEqual(statuses)
  }
})

describe('a body is refused', () => {
  it.each([
    [{}, ['url']],
    [{ url: 'http://hooks.example.com/' }, ['url']],
    [{ url: 'https://169.254.169.254/latest' }, ['url']],
    [{ url: 'https://api.test/healthz' }, ['url']],
    [{ url: 'https://localhost:8787/' }, ['url']],
    [{ url: `https://example.com/${'a'.repeat(2001)}` }, ['url']],
    [{ url: URL, types: [] }, ['types']],
    [{ url: URL, types: ['webhook.ping'] }, ['types.0']],
    [{ url: 'https://10.0.0.1/', types: ['plan.deletd'] }, ['types.0', 'url']],
    [{ url: URL, secret: 'whsec_x' }, []],
  ])('%j', async (body, paths) => {
    const reply = await call(world.ana, 'POST', WEBHOOKS, { body })
    // A member of the representation is ignored.
    expect([reply.status, namedPaths(reply).sort()]).toEqual([paths.length > 0 ? 400 : 200, paths])
  })

  it('in a PATCH too', async () => {
    const { path } = await createWebhook(world.ana)
    const reply = await call(world.ana, 'PATCH', path, { body: { url: 'https://[::1]/', active: 'no' } })
    expect([reply.status, namedPaths(reply).sort()]).toEqual([400, ['active', 'url']])
  })
})

it('a trusted host is exempt, also by plain http', async () => {
  const vars = { WEBHOOK_TRUSTED_HOSTS: 'localhost:8025, 127.0.0.1:1' }
  const url = 'http://localhost:8025/hook'
  expect(await createWebhook(world.ana, { url }, vars)).toMatchObject({ url })
})

it('takes every type of event', async () => {
  expect(await createWebhook(world.ana, { types: EVENT_TYPES })).toMatchObject({ types: EVENT_TYPES })
})

describe('there are at most', () => {
  it('10 webhooks of a user, also when two are made at once', async () => {
    const user = await createPerson(await createCompany(), 'MANAGER')
    for (let count = 0; count < 9; count += 1) await createWebhook(user)
    const last = await Promise.all([1, 2, 3].map(() => call(user, 'POST', WEBHOOKS, { body: { url: URL } })))
    expect(last.map(({ status }) => status).sort()).toEqual([200, 409, 409])
    const refused = last.find(({ status }) => status === 409)
    expect([codeOf(refused ?? { body: {} }), refused?.body.limit]).toEqual([
      'WEBHOOKS_FULL',
      'webhooksPerUser',
    ])
  })

  it('50 in a company', async () => {
    const companyId = await createCompany()
    for (let count = 0; count < 5; count += 1) {
      const user = await createPerson(companyId, 'MANAGER')
      for (let each = 0; each < 10; each += 1) await createWebhook(user)
    }
    const another = await createPerson(companyId, 'ADMIN')
    const refused = await call(another, 'POST', WEBHOOKS, { body: { url: URL } })
    expect([codeOf(refused), refused.body.limit]).toEqual(['WEBHOOKS_FULL', 'webhooksPerCompany'])
  })
})

it('is refused to who may not have one before the body is looked at', async () => {
  const url = 'https://hooks.example.com/'
  for (const body of [{}, { url: 'http://10.0.0.1/' }, { url, zz: 1 }])
    expect((await call(world.eli, 'POST', WEBHOOKS, { body })).status).toBe(403)
})

it('may be sent back as it was made, with its secret', async () => {
  const { path, user: _user, ...made } = await createWebhook(world.noa)
  const reply = await call<WebhookView>(world.noa, 'PATCH', path, { body: made })
  expect([reply.status, reply.text]).toMatchObject([200, expect.not.stringContaining('secret')])
})
