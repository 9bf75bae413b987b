/**
 * `npm run bench -- writes [--seconds 3] [--size 100000]`: what writes cost in a company of that size: time, rows read
 * and written of one write each, and how many a second eight connections get done, beside the default list. Writes the
 * table to test/bench/RESULTS.md.
 */
import { parseArgs } from 'node:util'
import { alternate, type Request, send } from './bench-lists/measure.ts'
import { table, writeResults } from './bench-lists/results.ts'
import { progress, type Seeded, type Setting, withSetting } from './bench-lists/setting.ts'

const PLANS = '/api/v1/company/action-plans'
const ACTIONS = '/api/v1/company/actions'
const USERS = '/api/v1/company/users'

export async function benchWrites(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { seconds: { type: 'string', default: '3' }, size: { type: 'string', default: '100000' } },
  })
  await withSetting([Number(values.size)], async (setting) => {
    const [company] = setting.companies
    if (!company) return
    const text = `In a company of ${company.actions.toLocaleString('en')} actions.

${await measureOnce(setting, company)}

${await measureRates(setting, company, Number(values.seconds))}`
    console.log(`\n${text}`)
    await writeResults('Writes', text)
  })
}

interface Made {
  id: string
}

/** One write of each kind, in an order in which each finds what it needs. */
async function measureOnce(setting: Setting, company: Seeded): Promise<string> {
  const rows: (string | number)[][] = []
  const run = async (name: string, method: string, path: string, body?: object): Promise<Made> => {
    progress(name)
    const started = performance.now()
    const request = { url: setting.url + path, token: company.adminToken, method, ...(body ? { body } : {}) }
    const { text, requestId } = await send(request)
    const milliseconds = performance.now() - started
    const { rowsRead, rowsWritten, d1Milliseconds } = await setting.costsOf(requestId)
    rows.push([name, rowsRead, rowsWritten, d1Milliseconds.toFixed(1), milliseconds.toFixed(1)])
    return text === '' ? { id: '' } : (JSON.parse(text) as Made)
  }
  const { managerId, adminId, largePlanId } = company
  const plan = await run('new plan', 'POST', PLANS, { title: 'Plan', visibility: 'PUBLIC' })
  const fields = { planId: plan.id, title: 'Talk', dueDate: '2099-01-01T00:00:00Z' }
  const two = { ...fields, assigneeIds: [adminId, managerId], focusItems: [{ focusType: 'HI' }] }
  await run('new action with 2 assignees, the first of its plan', 'POST', ACTIONS, two)
  const { id } = await run('new action with 2 assignees', 'POST', ACTIONS, two)
  const path = `${ACTIONS}/${id}`
  await run('new title', 'PATCH', path, { title: 'Talk more' })
  await run('new due date', 'PATCH', path, { dueDate: '2098-01-01T00:00:00Z' })
  await run('transition, 2 assignees', 'POST', `${path}/transitions`, { to: 'IN_PROGRESS' })
  await run('new note', 'POST', `${path}/notes`, { text: 'A note.' })
  await run('action deleted', 'DELETE', path)
  const crowd = JSON.parse(
    (await send({ url: `${setting.url}${USERS}?to=50`, token: company.adminToken })).text,
  ) as {
    result: Made[]
  }
  const many = { ...fields, assigneeIds: [adminId, ...crowd.result.map((user) => user.id).slice(1)] }
  const crowded = await run('new action with 50 assignees', 'POST', ACTIONS, many)
  await run('transition, 50 assignees', 'POST', `${ACTIONS}/${crowded.id}/transitions`, { to: 'IN_PROGRESS' })
  const large = `${PLANS}/${largePlanId}`
  await run('plan of a twentieth of all actions becomes PRIVATE', 'PATCH', large, { visibility: 'PRIVATE' })
  // It is another user's, so the ADMIN may not read it any more, but may delete it.
  await run('the same deleted', 'DELETE', large)
  await run('user renamed', 'PATCH', `${USERS}/${managerId}`, { name: 'Another Name' })
  await run('work of a user reassigned', 'POST', `${USERS}/${managerId}/reassignments`, { toUserId: adminId })
  return table(['write', 'rows read', 'rows written', 'D1 ms', 'ms'], rows)
}

async function measureRates(setting: Setting, company: Seeded, seconds: number): Promise<string> {
  const { token, planId, managerId } = company
  const action = await send({
    url: setting.url + ACTIONS,
    token,
    method: 'POST',
    body: { planId, title: 'Counted' },
  })
  const path = `${setting.url}${ACTIONS}/${(JSON.parse(action.text) as Made).id}`
  let turn = 0
  const sources: Record<string, () => Request> = {
    'the default list, to compare': () => ({ url: setting.url + ACTIONS, token }),
    'new action': () => ({
      url: setting.url + ACTIONS,
      token,
      method: 'POST',
      body: { planId, title: 'Talk', assigneeIds: [managerId] },
    }),
    'new title': () => ({ url: path, token, method: 'PATCH', body: { title: `Talk ${(turn += 1)}` } }),
    'new note': () => ({ url: `${path}/notes`, token, method: 'POST', body: { text: 'A note.' } }),
  }
  progress('rates')
  const alone = await alternate(sources, 1, seconds)
  const names = Object.keys(sources)
  return table(
    ['by one connection', 'a second', 'p50 ms', 'p99 ms'],
    names.map((name) => {
      const { rate = NaN, p50 = NaN, p99 = NaN } = alone[name] ?? {}
      return [name, rate.toFixed(0), p50.toFixed(1), p99.toFixed(1)]
    }),
  )
}
