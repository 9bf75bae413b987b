/** What the service has acknowledged, and what it only may have done, to be held against what it shows later. */
import { call, expectStatus, type Service } from './service.ts'

const PLANS = '/api/v1/company/action-plans'
const EXPORTS = '/api/v1/company/exports'

/** After so many tries in a row that ended without a word an export is given up. */
const MOST_SILENT_TRIES = 5

interface Export {
  status: string
  attempts: number
  failure: { code: string } | null
}

interface Plan {
  id: string
  title: string
  actions: { id: string }[]
}

interface KnownPlan {
  id: string
  /** Acknowledged, oldest first; the last one or a later wish must show. */
  titles: string[]
  wished: string | null
  actions: Set<string>
}

export class Ledger {
  readonly #plans: KnownPlan[] = []
  /** Idempotency keys whose request has no answer yet, with the plan's title. */
  readonly #unanswered = new Map<string, string>()
  readonly #exports = new Set<string>()
  readonly #ended = new Set<string>()
  readonly #givenUp = new Set<string>()
  acknowledged = 0
  codes = 0

  get exports(): number {
    return this.#exports.size
  }

  /** One user at work; every answer that arrives in full is written down. Throws when the service is gone. */
  async work(service: Service, name: string): Promise<void> {
    const key = `${name}-plan`
    this.#unanswered.set(key, name)
    const made = await call<Plan>(service, 'POST', PLANS, { title: name }, { 'Idempotency-Key': key })
    expectStatus(made.status, 200, 'POST plan')
    this.#unanswered.delete(key)
    const plan: KnownPlan = { id: made.body.id, titles: [name], wished: null, actions: new Set() }
    this.#plans.push(plan)
    this.acknowledged += 1
    for (let count = 1; count <= 2; count += 1) {
      const action = await call<{ id: string }>(service, 'POST', '/api/v1/company/actions', {
        planId: plan.id,
        title: `${name} action ${count}`,
      })
      expectStatus(action.status, 200, 'POST action')
      plan.actions.add(action.body.id)
      this.acknowledged += 1
    }
    const started = await call(service, 'POST', `${PLANS}/${plan.id}/excel`)
    expectStatus(started.status, 200, 'POST excel')
    this.#exports.add(started.location?.split('/').at(-1) ?? '')
    this.acknowledged += 1
    plan.wished = `${name} renamed`
    const renamed = await call(service, 'PATCH', `${PLANS}/${plan.id}`, { title: plan.wished })
    expectStatus(renamed.status, 200, 'PATCH plan')
    plan.titles.push(plan.wished)
    this.acknowledged += 1
    const asked = await call(service, 'POST', '/api/v1/sign-in-codes', { email: 'eli@acme.test' })
    expectStatus(asked.status, 202, 'POST sign-in code')
    this.codes += 1
  }

  /** Every acknowledged write is there, and a repeated request finishes what had no answer, once. */
  async checkWrites(service: Service, since: number): Promise<string[]> {
    const problems: string[] = []
    for (const known of this.#plans.slice(since)) {
      const { status, body } = await call<Plan>(service, 'GET', `${PLANS}/${known.id}`)
      if (status !== 200) problems.push(`plan ${known.id} is lost: ${status}`)
      else if (body.title !== known.titles.at(-1) && body.title !== known.wished)
        problems.push(`plan ${known.id} is called ${body.title}, not ${known.titles.at(-1) ?? ''}`)
      const present = new Set((status === 200 ? body.actions : []).map(({ id }) => id))
      for (const id of known.actions) if (!present.has(id)) problems.push(`action ${id} is lost`)
    }
    for (const [key, title] of this.#unanswered) {
      const again = await call<Plan>(service, 'POST', PLANS, { title }, { 'Idempotency-Key': key })
      const found = await call<{ total: number; result: Plan[] }>(service, 'GET', `${PLANS}?to=100`)
      const same = found.body.result.filter((plan) => plan.title === title)
      if (again.status !== 200 || same.length !== 1)
        problems.push(`${title} was asked for twice and exists ${same.length} times (${again.status})`)
      this.#unanswered.delete(key)
    }
    return problems
  }

  get plans(): number {
    return this.#plans.length
  }

  /** Exports that were given up because they were killed at five tries in a row, as they must be. */
  get givenUp(): number {
    return this.#givenUp.size
  }

  /** Which accepted exports have not ended yet; one that failed for another reason than the kills is a problem. */
  async openExports(service: Service): Promise<{ open: string[]; problems: string[] }> {
    const open: string[] = []
    const problems: string[] = []
    for (const id of this.#exports) {
      if (this.#ended.has(id)) continue
      const { status, body } = await call<Export>(service, 'GET', `${EXPORTS}/${id}`)
      if (status !== 200) problems.push(`export ${id} is lost: ${status}`)
      else if (body.status === 'SENT') this.#ended.add(id)
      else if (body.status !== 'FAILED') open.push(id)
      else if (body.failure?.code === 'BUILD_FAILED' && body.attempts > MOST_SILENT_TRIES) {
        this.#ended.add(id)
        this.#givenUp.add(id)
      } else problems.push(`export ${id} failed: ${body.failure?.code ?? ''} after ${body.attempts} tries`)
    }
    return { open, problems }
  }

  /**
   * One link mail for each export, or one that tells that it was given up, and one mail for each code that was
   * recorded, no more.
   */
  checkMails(mails: ReadonlyMap<string, number>, codeIds: readonly string[]): string[] {
    const exports = [...this.#exports].map((id) => (this.#givenUp.has(id) ? `${id}-failed` : id))
    const keys = [...exports, ...codeIds.map((id) => `sign-in-code-${id}`)]
    const lost = this.codes - codeIds.length
    return [
      ...keys.flatMap((key) => (mails.get(key) === 1 ? [] : [`${key} brought ${mails.get(key) ?? 0} mails`])),
      ...(lost > 0 ? [`${lost} sign-in codes are lost`] : []),
    ]
  }
}
