/**
 * Signs in, makes a plan with an action, exports it, waits for it and saves the workbook.
 *
 *   npm ci && npm start                              against `npm run dev`
 *   API=http://… MAILBOX=http://… npm start              against one with other ports
 *   API=https://… EMAIL=you@… CODE=12345678 npm start    elsewhere, with a code from your mail
 *
 * `workbook.xlsx`, or what the first argument names, is written beside this file's package.json.
 */
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import createClient from 'openapi-fetch'
import type { paths } from './api.d.ts'

const API = process.env.API ?? 'http://localhost:8787'
const MAILBOX = process.env.MAILBOX ?? 'http://localhost:8025'
const email = process.env.EMAIL ?? 'ana@acme.test'
const saveAs = process.argv[2] ?? 'workbook.xlsx'

const client = createClient<paths>({ baseUrl: API })

// Every answer is either `data` or `error`; a problem says in `detail` what is wrong.
function expectData<Data>({ data, error }: { data?: Data; error?: { detail: string } }): Data {
  if (error !== undefined || data === undefined) throw new Error(error?.detail ?? 'no answer')
  return data
}

const code = process.env.CODE ?? (await mailedCode())
const session = expectData(await client.POST('/api/v1/sessions', { body: { email, code } }))
client.use({
  onRequest({ request }) {
    request.headers.set('SessionId', session.sessionId)
    return request
  },
})
console.log(`Signed in as ${session.user.name}`)

const plan = expectData(
  await client.POST('/api/v1/company/action-plans', {
    body: { title: 'Quieter mornings', visibility: 'PUBLIC' },
  }),
)
expectData(
  await client.POST('/api/v1/company/actions', {
    body: { planId: plan.id, title: 'Two hours without meetings', dueDate: '2027-03-31' },
  }),
)
console.log(`Made the plan "${plan.title}"`)

const { response, error } = await client.POST('/api/v1/company/action-plans/{planId}/excel', {
  params: { path: { planId: plan.id } },
})
if (error !== undefined) throw new Error(error.detail)
// `Location` is the path of the export.
const id = response.headers.get('Location')?.split('/').at(-1) ?? ''
const path = { id }
for (;;) {
  const { status } = expectData(await client.GET('/api/v1/company/exports/{id}', { params: { path } }))
  console.log(`The export is ${status}`)
  if (status === 'SENT') break
  if (status === 'FAILED') throw new Error('The export failed')
  await sleep(500)
}

const { links } = expectData(await client.POST('/api/v1/company/exports/{id}/links', { params: { path } }))
const [link] = links
if (!link) throw new Error('The export has no file')
const file = await fetch(link.url)
if (!file.ok) throw new Error(`The link answered ${String(file.status)}`)
await writeFile(saveAs, new Uint8Array(await file.arrayBuffer()))
console.log(`Saved ${saveAs}`)

/** Asks for a code and reads it in the mailbox of `npm run dev`. */
async function mailedCode(): Promise<string> {
  const asked = new Date().toISOString()
  expectData(await client.POST('/api/v1/sign-in-codes', { body: { email } }))
  for (let tries = 0; tries < 50; tries += 1) {
    const mails = (await (await fetch(`${MAILBOX}/emails`)).json()) as { createdAt: string; text: string }[]
    const mail = mails.find(({ createdAt, text }) => createdAt >= asked && /\b\d{8}\b/.test(text))
    if (mail) return /\b\d{8}\b/.exec(mail.text)?.[0] ?? ''
    await sleep(200)
  }
  throw new Error('No code has come: a person is mailed at most 5 codes an hour')
}
