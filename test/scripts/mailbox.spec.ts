import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Mailbox, startMailbox } from '../../scripts/mailbox.ts'

const MAIL = { from: 'A <a@b.test>', to: 'x@y.test', subject: 'Hello', text: 'Hi', html: '<p>Hi</p>' }

let stateDir: string
let mailbox: Mailbox

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'mailbox-'))
  mailbox = await startMailbox({ port: 0, stateDir, apiKey: 'key' })
})

afterEach(async () => {
  await mailbox.close()
  await rm(stateDir, { recursive: true })
})

async function restart(): Promise<void> {
  await mailbox.close()
  mailbox = await startMailbox({ port: 0, stateDir, apiKey: 'key' })
}

async function post(body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${mailbox.url}/emails`, {
    method: 'POST',
    headers: { Authorization: 'Bearer key', 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, body: await response.json<{ id?: string; name?: string }>() }
}

async function inbox(): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${mailbox.url}/emails`)
  return response.json<Record<string, unknown>[]>()
}

it('refuses a missing and a wrong key', async () => {
  expect((await post(MAIL, { Authorization: '' })).status).toBe(401)
  expect((await post(MAIL, { Authorization: 'Bearer other' })).status).toBe(401)
  expect(await inbox()).toEqual([])
})

it.each([
  'not json',
  '[]',
  'null',
  { ...MAIL, from: 'nobody' },
  { ...MAIL, to: [] },
  { ...MAIL, to: Array(51).fill('x@y.test') },
  { ...MAIL, subject: '' },
  { ...MAIL, subject: 'two\r\nlines' },
  { ...MAIL, text: null, html: null },
  { ...MAIL, headers: [] },
  { ...MAIL, headers: { 'List-Unsubscribe': '<https://x.test>\r\nBcc: all@x.test' } },
  { ...MAIL, headers: { 'Two: names': 'x' } },
])('refuses %j', async (body) => {
  expect(await post(body)).toMatchObject({ status: 422, body: { name: 'validation_error' } })
})

it('lists mails newest first, as they were sent', async () => {
  await post(MAIL)
  await post({ ...MAIL, subject: 'Second', to: ['x@y.test'] }, { 'Idempotency-Key': 'k' })
  const [second, first] = await inbox()
  expect(first).toMatchObject({ ...MAIL, idempotencyKey: null })
  expect(second).toMatchObject({ subject: 'Second', to: ['x@y.test'], idempotencyKey: 'k' })
  expect(Object.keys(second ?? {})).not.toContain('bodyHash')
})

it('keeps and shows header fields of a mail', async () => {
  const headers = { 'List-Unsubscribe': '<https://x.test/off>' }
  const { body } = await post({ ...MAIL, headers })
  expect(await inbox()).toMatchObject([{ headers }])
  const page = await fetch(`${mailbox.url}/messages/${body.id ?? ''}`)
  expect(await page.text()).toContain('List-Unsubscribe: &lt;https://x.test/off&gt;')
})

it('answers a repeated key with the same id and keeps one mail, also after a restart', async () => {
  const first = await post(MAIL, { 'Idempotency-Key': 'k' })
  const reordered = Object.fromEntries(Object.entries(MAIL).reverse())
  expect(await post(reordered, { 'Idempotency-Key': 'k' })).toEqual(first)
  await restart()
  expect(await post(MAIL, { 'Idempotency-Key': 'k' })).toEqual(first)
  expect(await inbox()).toHaveLength(1)
})

it('refuses a key that was used with another body', async () => {
  await post(MAIL, { 'Idempotency-Key': 'k' })
  const answer = await post({ ...MAIL, text: 'Other' }, { 'Idempotency-Key': 'k' })
  expect(answer).toMatchObject({ status: 409, body: { name: 'invalid_idempotent_request' } })
})

it('takes one of many parallel requests with one key', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => post(MAIL, { 'Idempotency-Key': 'k' })))
  const accepted = answers.filter(({ status }) => status === 200)
  const refused = answers.filter(({ status }) => status !== 200)
  expect(new Set(accepted.map(({ body }) => body.id)).size).toBe(1)
  for (const answer of refused) {
    expect(answer).toMatchObject({ status: 409, body: { name: 'concurrent_idempotent_requests' } })
  }
  expect(await inbox()).toHaveLength(1)
})

it('survives a last line that was cut off', async () => {
  await post(MAIL)
  await mailbox.close()
  await appendFile(join(stateDir, 'mailbox.jsonl'), '{"id":"torn","fro')
  mailbox = await startMailbox({ port: 0, stateDir, apiKey: 'key' })
  await post({ ...MAIL, subject: 'After' })
  await restart()
  expect((await inbox()).map(({ subject }) => subject)).toEqual(['After', 'Hello'])
})

it('shows mails as pages on which nothing of a mail can run', async () => {
  const { body } = await post({ ...MAIL, subject: '<script>1</script>', html: '"><script>2</script>' })
  for (const path of ['/', `/messages/${body.id ?? ''}`]) {
    const response = await fetch(mailbox.url + path)
    expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'none'")
    expect(await response.text()).not.toContain('<script>')
  }
  expect((await fetch(`${mailbox.url}/messages/unknown`)).status).toBe(404)
})

async function page(path: string): Promise<string> {
  const response = await fetch(mailbox.url + path)
  expect(response.status).toBe(200)
  return response.text()
}

it('lists mails newest first on a page that changes only when somebody asks', async () => {
  await post(MAIL)
  await post({ ...MAIL, subject: 'Second' })
  const inboxPage = await page('/')
  expect([...inboxPage.matchAll(/<strong>(.*?)<\/strong>/g)].map(([, subject]) => subject)).toEqual([
    'Second',
    'Hello',
  ])
  expect(inboxPage).not.toContain('http-equiv')
  expect(inboxPage).toMatch(/<main>.*<a class="button" href="\/">Reload<\/a>.*<\/main>/s)
})

it('shows the HTML of a mail in a sandbox, and its text', async () => {
  const { body } = await post({ ...MAIL, html: '<p class="a">Hi & all</p>' })
  const message = await page(`/messages/${body.id ?? ''}`)
  const [, sandbox = '', srcdoc = ''] =
    /<iframe [^>]*sandbox="([^"]*)"\s+srcdoc="([^"]*)"/.exec(message) ?? []
  expect(sandbox).not.toContain('allow-scripts')
  expect(srcdoc).toContain('&lt;p class=&quot;a&quot;&gt;Hi &amp; all&lt;/p&gt;')
  expect(message).toContain('<pre>Hi</pre>')
})

const SECRET = 'whsec_c2VjcmV0LW9mLTI0LWJ5dGVzLW9yLW1vcmU='

async function postWebhook(body: string, secret = SECRET, id = 'msg_1') {
  const timestamp = new Date()
  const response = await fetch(`${mailbox.url}/webhooks`, {
    method: 'POST',
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(timestamp.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, timestamp, body),
    },
    body,
  })
  return response.status
}

async function learn(secret: string): Promise<number> {
  const response = await fetch(`${mailbox.url}/webhooks/secrets`, {
    method: 'POST',
    body: JSON.stringify({ secret }),
  })
  return response.status
}

async function received(): Promise<Record<string, unknown>[]> {
  return (await fetch(`${mailbox.url}/webhooks`)).json<Record<string, unknown>[]>()
}

describe('webhooks', () => {
  const BODY = '{"type":"plan.created","data":{}}'

  it('are accepted once their secret is known, and all tries are kept over a restart', async () => {
    expect(await postWebhook(BODY)).toBe(401)
    expect(await learn(SECRET)).toBe(200)
    expect(await postWebhook(BODY)).toBe(204)
    await restart()
    expect(await postWebhook(BODY, SECRET, 'msg_2')).toBe(204)
    expect(await received()).toMatchObject([
      { id: 'msg_2', verified: true },
      { id: 'msg_1', type: 'plan.created', verified: true, body: BODY },
      { id: 'msg_1', verified: false },
    ])
    expect(await (await fetch(mailbox.url)).text()).toContain('plan.created')
  })

  it('are refused with another secret, another body or no signature', async () => {
    await learn(SECRET)
    expect(await postWebhook(BODY, 'whsec_YW5vdGhlci1zZWNyZXQtb2YtMjQtYnl0ZXM=')).toBe(401)
    const response = await fetch(`${mailbox.url}/webhooks`, { method: 'POST', body: BODY })
    expect(response.status).toBe(401)
    expect(await learn('no-secret')).toBe(422)
  })

  it('show as text what came', async () => {
    await postWebhook('{"type":"<script>alert(1)</script>"}')
    const page = await (await fetch(mailbox.url)).text()
    expect(page).not.toContain('<script>')
  })
})
