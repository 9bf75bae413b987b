/** The product's main job, told call by call. Every call and check must hold, or the story throws. */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ACTIONS, PLAN } from './content.ts'
import { Client, headline } from './client.ts'
import { waitForMail } from './inbox.ts'
import { checkWorkbook } from './workbook.ts'

const ANA = 'ana@acme.test'
const FILE = 'action-plan-demo.xlsx'
const DAY_MS = 24 * 60 * 60 * 1000

interface Named {
  id: string
  name: string
}

/** @returns the path of the saved workbook */
export async function tellStory(apiUrl: string, mailboxUrl: string): Promise<string> {
  const api = new Client(apiUrl)
  await signIn(api, mailboxUrl)
  const planId = await makePlan(api)
  const { exportId, link } = await exportPlan(api, mailboxUrl, planId)
  const path = await download(api, link)
  await requireSent(api, exportId)
  headline('Sign out')
  await api.call({ method: 'DELETE', path: '/api/v1/sessions/current', expect: 204 })
  await api.call({
    method: 'GET',
    path: '/api/v1/company/me',
    expect: 401,
    note: 'the session is over at once',
  })
  return path
}

async function signIn(api: Client, mailboxUrl: string): Promise<void> {
  headline('Sign in by e-mail code')
  await api.call({ method: 'POST', path: '/api/v1/sign-in-codes', body: { email: ANA }, expect: 202 })
  const { mail, match: code } = await waitForMail(mailboxUrl, ANA, /\b\d{8}\b/)
  console.log(`   mail   "${mail.subject}" to ${ANA}`)
  const { sessionId, user } = await api.json<{ sessionId: string; user: { name: string; role: string } }>({
    method: 'POST',
    path: '/api/v1/sessions',
    body: { email: ANA, code },
    expect: 200,
  })
  console.log(`   signed in as ${user.name}, ${user.role}`)
  api.signIn(sessionId)
}

async function makePlan(api: Client): Promise<string> {
  headline('Make a plan with a dozen actions')
  const users = await api.json<{ result: Named[] }>({
    method: 'GET',
    path: '/api/v1/company/users?to=100',
    expect: 200,
  })
  const areas = await api.json<{ result: Named[] }>({
    method: 'GET',
    path: '/api/v1/company/hierarchies',
    expect: 200,
  })
  const plan = await api.json<{ id: string }>({
    method: 'POST',
    path: '/api/v1/company/action-plans',
    body: { ...PLAN, visibility: 'PUBLIC' },
    expect: 200,
    note: PLAN.title,
  })
  const made: { id: string; assigneeId: string }[] = []
  for (const { assignees, areas: areaNames, dueInDays, note: _note, steps: _steps, ...rest } of ACTIONS) {
    const assigneeIds = assignees.map((name) => idOf(users.result, name))
    const { id } = await api.json<{ id: string }>({
      method: 'POST',
      path: '/api/v1/company/actions',
      body: {
        ...rest,
        planId: plan.id,
        assigneeIds,
        hierarchyIds: areaNames.map((name) => idOf(areas.result, name)),
        ...(dueInDays !== undefined && { dueDate: new Date(Date.now() + dueInDays * DAY_MS).toISOString() }),
      },
      expect: 200,
      note: rest.title,
    })
    made.push({ id, assigneeId: assigneeIds[0] ?? '' })
  }
  await work(api, made)
  const { completionPercent, actions } = await api.json<{ completionPercent: number; actions: unknown[] }>({
    method: 'GET',
    path: `/api/v1/company/action-plans/${plan.id}`,
    expect: 200,
  })
  const completed = ACTIONS.filter(({ steps }) => steps.at(-1) === 'COMPLETED').length
  const expected = Math.floor((completed * 100) / ACTIONS.length)
  if (completionPercent !== expected || actions.length !== ACTIONS.length) {
    throw new Error(
      `Expected ${expected} % of ${ACTIONS.length} actions, got ${completionPercent} % of ${actions.length}.`,
    )
  }
  console.log(`   ${completed} of ${ACTIONS.length} actions completed: ${completionPercent} %`)
  return plan.id
}

/** Takes the steps and writes the notes of each action. */
async function work(api: Client, made: readonly { id: string; assigneeId: string }[]): Promise<void> {
  headline('Work on them')
  for (const [index, { id, assigneeId }] of made.entries()) {
    const { title, steps, note } = ACTIONS[index] ?? { title: '', steps: [] }
    for (const to of steps) {
      const path = `/api/v1/company/actions/${id}/transitions`
      await api.call({ method: 'POST', path, body: { to, assigneeId }, expect: 200, note: `${to}: ${title}` })
    }
    if (note !== undefined) {
      const path = `/api/v1/company/actions/${id}/notes`
      await api.call({ method: 'POST', path, body: { text: note }, expect: 200, note: 'a note' })
    }
  }
}

async function exportPlan(
  api: Client,
  mailboxUrl: string,
  planId: string,
): Promise<{ exportId: string; link: string }> {
  headline('Export it to Excel')
  const started = performance.now()
  const response = await api.call({
    method: 'POST',
    path: `/api/v1/company/action-plans/${planId}/excel`,
    expect: 200,
  })
  const exportId = response.headers.get('Location')?.split('/').at(-1) ?? ''
  if ((await response.text()) !== '') throw new Error('The answer to an export should be empty.')
  const { mail, match: link } = await waitForMail(mailboxUrl, ANA, /https?:\/\/\S+\/api\/v1\/downloads\/\S+/)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`   mail   "${mail.subject}" to ${ANA}, ${seconds} s after the request`)
  return { exportId, link }
}

async function download(api: Client, link: string): Promise<string> {
  headline('Follow the link in the mail')
  const { pathname, search } = new URL(link)
  const response = await api.call({ method: 'GET', path: pathname + search, expect: 200 })
  const bytes = await response.arrayBuffer()
  const sheets = await checkWorkbook(
    bytes,
    ACTIONS.map(({ title }) => title),
  )
  const path = resolve(FILE)
  await writeFile(path, new Uint8Array(bytes))
  console.log(
    `   ${sheets.length} sheets, ${bytes.byteLength} bytes, ${response.headers.get('Content-Disposition') ?? ''}`,
  )
  return path
}

/** The mail may be read before the worker has noted that it is sent. */
async function requireSent(api: Client, exportId: string): Promise<void> {
  headline('See that the export is done')
  for (let tries = 0; tries < 20; tries += 1) {
    const { status } = await api.json<{ status: string }>({
      method: 'GET',
      path: `/api/v1/company/exports/${exportId}`,
      expect: 200,
    })
    if (status === 'SENT') return
    await sleep(250)
  }
  throw new Error(`The export ${exportId} is not SENT.`)
}

/** By name or first name. */
function idOf(list: readonly Named[], name: string): string {
  const found = list.find((candidate) => candidate.name === name || candidate.name.split(' ')[0] === name)
  if (!found) throw new Error(`There is no "${name}".`)
  return found.id
}
