/**
 * `npm run heavy [-- --short]`: the worker under the heap that the platform gives it, against the heaviest lawful
 * company; `--short` fills it to a tenth. Fails on an aborted worker, on any answer but 2xx, 409, 429 and 503 BUSY, and on a refusal of what must
 * always be answered.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { fillCompany, fillOrdinary, type HeavyCompany } from './heavy/company.ts'
import { answersTo, type Ask, Load } from './heavy/load.ts'
import { newPlace, type Service, startService } from './killtest/service.ts'
import { seedState } from './local/seeding.ts'
import { openSession } from './local/session.ts'

const VARIABLES = { RATE_LIMITS: 'off', MINIFLARE_WORKERD_V8_FLAGS: '--max-heap-size=128' }
const PLANS = '/api/v1/company/action-plans'
const ACTIONS = '/api/v1/company/actions'
const EXPORTS_LIMIT_MS = 300_000

const { values } = parseArgs({ options: { short: { type: 'boolean', default: false } } })
const size = values.short ? 0.1 : 1

interface Filled extends HeavyCompany {
  admin: string
  manager: string
}

async function fill(stateDir: string): Promise<{ heavy: Filled; ordinary: Filled }> {
  return seedState(stateDir, async (bindings) => {
    const now = Date.now()
    const signIn = async (company: HeavyCompany): Promise<Filled> => {
      const token = (id: string) => openSession(bindings, { id, companyId: company.companyId })
      return { ...company, admin: await token(company.adminId), manager: await token(company.managerId) }
    }
    return {
      heavy: await signIn(await fillCompany(bindings.database, size, now)),
      ordinary: await signIn(await fillOrdinary(bindings.database, now)),
    }
  })
}

/** Every endpoint that reads, as the document names them, with `to=100` where it is a slice. */
async function readsOf({ url }: Service, { manager, plans, notedActionId, adminId }: Filled): Promise<Ask[]> {
  const ids: Record<string, string> = { id: notedActionId, userId: adminId, planId: plans['all lists'] ?? '' }
  // The document of this very service.
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { parameters?: { name: string }[] }>>
  }
  return Object.entries(document.paths).flatMap(([path, { get }]) => {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
    if (!get || names.some((name) => !(name in ids)) || /(exports|access-keys)\/{id}/.test(path)) return []
    const isSlice = get.parameters?.some(({ name }) => name === 'to')
    const address = path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? '')
    return [{ token: manager, method: 'GET', path: isSlice ? `${address}?to=100` : address }]
  })
}

async function readAll(load: Load, heavy: Filled, ordinary: Filled): Promise<void> {
  const get = (path: string, token = heavy.manager): Ask => ({ token, method: 'GET', path })
  await load.run('32 lists of 100 ordinary plans', 32, () => get(`${PLANS}?to=100`, ordinary.manager))
  for (const [name, id] of Object.entries(heavy.plans))
    await load.run(`8 reads of a plan full of ${name}`, 8, () => get(`${PLANS}/${id}`))
  load.mayBeBusy = true
  const plans = Object.values(heavy.plans)
  await load.run('32 reads of all of these plans', 32, (index) =>
    get(`${PLANS}/${plans[index % plans.length] ?? ''}`),
  )
  const filters = ['', 'status=NOT_STARTED', 'focusType=SCORE', 'q=😀', 'actionType=MANAGER']
  for (const filter of filters.slice(0, values.short ? 2 : filters.length)) {
    const query = `to=100&${encodeURI(filter)}`
    await load.run(`32 lists of these plans, ${filter || 'no filter'}`, 32, () => get(`${PLANS}?${query}`))
    await load.run(`32 lists of their actions, ${filter || 'no filter'}`, 32, () =>
      get(`${ACTIONS}?${query}`),
    )
  }
  for (const path of ['hierarchies', 'users?to=100', `actions/${heavy.notedActionId}/notes?to=100`])
    await load.run(`32 × ${path.replace(/[0-9a-f]{24}/, '…')}`, 32, () => get(`/api/v1/company/${path}`))
}

async function writeAll(load: Load, heavy: Filled): Promise<void> {
  const ask = (method: string, path: string, body?: object): Ask => ({
    ...{ token: heavy.admin, method, path },
    ...(body ? { body } : {}),
  })
  const emoji = (length: number) => '😀'.repeat(length)
  for (const [name, id] of Object.entries(heavy.plans)) {
    await load.run(`8 changes of a plan full of ${name}`, 8, (index) =>
      ask('PATCH', `${PLANS}/${id}`, { visibility: index % 2 === 0 ? 'PRIVATE' : 'PUBLIC' }),
    )
    await load.run(`8 new actions in it`, 8, () =>
      ask('POST', ACTIONS, { planId: id, title: emoji(200), description: emoji(5000) }),
    )
  }
  const noted = `${ACTIONS}/${heavy.notedActionId}`
  await load.run('32 notes', 32, () => ask('POST', `${noted}/notes`, { text: emoji(5000) }))
  await load.run('32 changes of an action', 32, (index) => ask('PATCH', noted, { title: `x${index}` }))
  await load.run('8 steps', 8, (index) =>
    ask('POST', `${noted}/transitions`, {
      to: index % 2 ? 'NOT_STARTED' : 'IN_PROGRESS',
      assigneeId: heavy.adminId,
    }),
  )
  await load.run('8 new areas', 8, () => ask('POST', '/api/v1/company/hierarchies', { name: emoji(200) }))
  await load.run('a new name of whom many actions show', 1, () =>
    ask('PATCH', `/api/v1/company/users/${heavy.managerId}`, { name: 'Short' }),
  )
  await load.run('a hand-over of all that somebody has', 1, () =>
    ask('POST', `/api/v1/company/users/${heavy.managerId}/reassignments`, { toUserId: heavy.adminId }),
  )
}

/** Exports of all the full plans at once, with readers beside them. */
async function exportAll(load: Load, service: Service, heavy: Filled): Promise<void> {
  const locations: string[] = []
  for (const [name, id] of Object.entries(heavy.plans)) {
    const [answer] = await load.run(`an export of the plan full of ${name}`, 1, () => ({
      ...{ token: heavy.manager, method: 'POST', path: `${PLANS}/${id}/excel` },
    }))
    if (answer?.location) locations.push(answer.location)
  }
  const open = new Set(locations)
  const deadline = Date.now() + EXPORTS_LIMIT_MS
  const plans = Object.values(heavy.plans)
  for (let round = 0; open.size > 0; round += 1) {
    if (Date.now() > deadline) throw new Error(`${open.size} exports did not end`)
    await load.run(`a plan beside ${open.size} exports`, 1, () => ({
      ...{ token: heavy.manager, method: 'GET', path: `${PLANS}/${plans[round % plans.length] ?? ''}` },
    }))
    await sleep(500)
    for (const location of open) {
      const { body } = await answersTo(service, { token: heavy.manager, method: 'GET', path: location })
      const { status, failure } = body as { status: string; failure: object | null }
      if (status === 'FAILED') load.complain(`${location} failed: ${JSON.stringify(failure)}`)
      if (status === 'SENT' || status === 'FAILED') open.delete(location)
    }
  }
}

const stateDir = await mkdtemp(join(tmpdir(), 'heavy-'))
console.log('Filling a company to the brim …')
const { heavy, ordinary } = await fill(stateDir)
const service = await startService(await newPlace(stateDir), VARIABLES)
const load = await Load.on(service)
for (const ask of await readsOf(service, heavy)) await load.run(`GET ${ask.path}`, 1, () => ask)
await readAll(load, heavy, ordinary)
await exportAll(load, service, heavy)
await writeAll(load, heavy)
load.close()
const log = await readFile(join(stateDir, 'worker.log'), 'utf8')
if (/heap limit|out of memory|Received signal/i.test(log)) load.complain('the worker was aborted')
await service.kill()
await rm(stateDir, { recursive: true })
console.log(
  `${load.requests} requests (${load.counts()}), the worker's heap at most ${load.peakMb()} MB of 128, ${load.problems.length} problems`,
)
for (const problem of load.problems) console.error(problem)
process.exit(load.problems.length === 0 ? 0 : 1)
