import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { call, PLANS } from '../support/api.ts'
import { type Background, catchBackground } from '../support/background.ts'
import { dumpDatabase, dumpKeys } from '../support/dump.ts'
import { deliverWebhooks } from '../support/webhooks.ts'
import { createWorld, type World } from '../support/world.ts'

const KEYS = '/api/v1/company/access-keys'
const WEBHOOKS = '/api/v1/company/webhooks'

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
})

/** Every answer that shows keys and webhooks in any way, as text. */
async function allAnswers(keyId: string, webhookId: string): Promise<string[]> {
  const paths = [
    ...[KEYS, `${KEYS}?all=true`, `${KEYS}/${keyId}`],
    ...[WEBHOOKS, `${WEBHOOKS}/${webhookId}`, `${WEBHOOKS}/${webhookId}/deliveries`],
    ...['/api/v1/company/me/data', '/api/v1/company/history', '/api/v1/company/history/feed'],
  ]
  const replies = await Promise.all(paths.map(async (path) => call(world.ana, 'GET', path)))
  for (const reply of replies) expect(reply.status, reply.text).toBe(200)
  return replies.map(({ text }) => text)
}

/** All that is stored or under way. */
async function everywhere(): Promise<string[]> {
  const { objects } = await env.FILES.list()
  const files = await Promise.all(objects.map(async ({ key }) => (await env.FILES.get(key))?.text() ?? ''))
  const { exports, codes, webhooks, received } = background
  return [
    JSON.stringify([await dumpDatabase(), await dumpKeys(env.SESSIONS), objects.map(({ key }) => key)]),
    JSON.stringify([exports, codes, webhooks, received]),
    ...files,
  ]
}

it('keys and the secrets of webhooks are in the one answer that gives them, and nowhere else', async () => {
  const { ana } = world
  const headers = { 'Idempotency-Key': 'once' }
  const key = { body: { name: 'Nightly', scope: 'WRITE' }, headers }
  const made = await call<{ id: string; key: string }>(ana, 'POST', KEYS, key)
  const hook = { body: { url: 'https://hooks.example.com/x' }, headers }
  const webhook = await call<{ id: string; secret: string }>(ana, 'POST', WEBHOOKS, hook)
  const renewed = await call<{ secret: string }>(ana, 'POST', `${WEBHOOKS}/${webhook.body.id}/secret`)
  const secrets = [made.body.key, webhook.body.secret, renewed.body.secret]
  for (const secret of secrets) expect(secret).toMatch(/^(apk_|whsec_)[A-Za-z0-9+/=_-]{43,}$/)

  const again = [await call(ana, 'POST', KEYS, key), await call(ana, 'POST', WEBHOOKS, hook)]
  expect(again.map(({ status }) => status)).toEqual([409, 409])
  await call(made.body.key, 'POST', PLANS, { body: { title: 'By a program' }, settled: true })
  const under = [...background.webhooks]
  await deliverWebhooks(background)
  expect(background.received.length).toBeGreaterThan(0)

  const texts = [
    ...again.map(({ text }) => text),
    JSON.stringify(under),
    ...(await allAnswers(made.body.id, webhook.body.id)),
    ...(await everywhere()),
  ]
  // Neither as a whole nor its random part alone.
  for (const secret of secrets)
    for (const text of texts) expect(text).not.toContain(secret.slice(secret.indexOf('_') + 1))
})
