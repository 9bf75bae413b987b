/** What one connection does all day: mostly reading, some writing, now and then an export. */
import { call, type Reply, type Service } from '../killtest/service.ts'

const PLANS = '/api/v1/company/action-plans'
const ACTIONS = '/api/v1/company/actions'
const MOST_REMEMBERED = 50

export interface Tally {
  requests: number
  /** Answers by status. */
  statuses: Map<number, number>
  /** Milliseconds of each request. */
  times: number[]
  plans: number
  actions: number
  notes: Map<string, number>
  exports: Set<string>
}

export function newTally(): Tally {
  const counts = { requests: 0, plans: 0, actions: 0 }
  return { ...counts, statuses: new Map(), times: [], notes: new Map(), exports: new Set() }
}

interface Made {
  id: string
}

export class User {
  readonly #service: Service
  readonly #tally: Tally
  readonly #plans: string[] = []
  readonly #actions: string[] = []

  constructor(service: Service, tally: Tally) {
    this.#service = service
    this.#tally = tally
  }

  /** One request, picked at random. */
  async step(): Promise<void> {
    const dice = Math.random()
    if (this.#plans.length === 0 || dice < 0.06) await this.#createPlan()
    else if (this.#actions.length === 0 || dice < 0.16) await this.#createAction()
    else if (dice < 0.22) await this.#createNote()
    else if (dice < 0.3)
      await this.#ask('POST', `${ACTIONS}/${pick(this.#actions)}/transitions`, { to: 'COMPLETED' })
    else if (dice < 0.36)
      await this.#ask('PATCH', `${PLANS}/${pick(this.#plans)}`, { description: String(dice) })
    else if (dice < 0.38) await this.#export()
    else if (dice < 0.6) await this.#ask('GET', PLANS)
    else if (dice < 0.75) await this.#ask('GET', `${PLANS}/${pick(this.#plans)}`)
    else if (dice < 0.9) await this.#ask('GET', `${ACTIONS}?status=COMPLETED&q=work`)
    else await this.#ask('GET', '/api/v1/company/exports')
  }

  async #createPlan(): Promise<void> {
    const { status, body } = await this.#ask('POST', PLANS, { title: 'Soaked plan', visibility: 'PUBLIC' })
    if (status !== 200) return
    this.#tally.plans += 1
    remember(this.#plans, body.id)
  }

  async #createAction(): Promise<void> {
    const action = { planId: pick(this.#plans), title: 'Some work to do' }
    const { status, body } = await this.#ask('POST', ACTIONS, action)
    if (status !== 200) return
    this.#tally.actions += 1
    remember(this.#actions, body.id)
  }

  async #createNote(): Promise<void> {
    const action = pick(this.#actions)
    const { status } = await this.#ask('POST', `${ACTIONS}/${action}/notes`, { text: 'Went well.' })
    if (status === 200) this.#tally.notes.set(action, (this.#tally.notes.get(action) ?? 0) + 1)
  }

  async #export(): Promise<void> {
    const { status, location } = await this.#ask('POST', `${PLANS}/${pick(this.#plans)}/excel`)
    if (status === 200) this.#tally.exports.add(location?.split('/').at(-1) ?? '')
  }

  async #ask(method: string, path: string, body?: object): Promise<Reply<Made>> {
    const started = performance.now()
    const reply = await call<Made>(this.#service, method, path, body)
    const { statuses, times } = this.#tally
    this.#tally.requests += 1
    statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1)
    times.push(performance.now() - started)
    return reply
  }
}

function pick(ids: readonly string[]): string {
  return ids[Math.floor(Math.random() * ids.length)] ?? ''
}

function remember(ids: string[], id: string): void {
  ids.push(id)
  if (ids.length > MOST_REMEMBERED) ids.shift()
}
