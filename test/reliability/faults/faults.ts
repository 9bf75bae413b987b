/**
 * A worker's environment in which calls can be made to fail. Every call of every binding, of the mail port and of
 * receivers of webhooks is numbered; a fault plan says which of them fails and how. `Invocation` is one process: when it
 * dies, the calls that it still makes have no effect and never answer.
 */
import { DATABASES } from '../../support/home.ts'

export const WAYS = [
  'throw before the effect',
  'throw after the effect',
  'hang before the effect',
  'hang after the effect',
  'death before the effect',
  'death after the effect',
  'death with the queue',
] as const
export type Way = (typeof WAYS)[number]

/** What the n-th call (from 1) suffers; null: nothing. */
export type FaultPlan = (call: number, name: string) => Way | null

export type Ending = 'done' | 'died' | 'hung' | 'died with the queue'

type Call = () => Promise<unknown>

const never = () => new Promise<never>(() => undefined)

/** Counts calls over all invocations of one run. */
export class Faults {
  calls = 0
  /** Which faults were carried out, for the message of a failed check. */
  readonly done: string[] = []
  readonly #plan: FaultPlan

  constructor(plan: FaultPlan) {
    this.#plan = plan
  }

  next(name: string): Way | null {
    this.calls += 1
    const way = this.#plan(this.calls, name)
    if (way !== null) this.done.push(`${way} at call ${String(this.calls)}, ${name}`)
    return way
  }
}

/** One process of the worker. */
export class Invocation {
  readonly env: Env
  readonly #faults: Faults
  readonly #end = Promise.withResolvers<Ending>()
  #isOver = false

  constructor(env: Env, faults: Faults) {
    this.#faults = faults
    this.env = {
      ...env,
      ...Object.fromEntries(
        Object.entries(DATABASES).map(([name, d1]) => [name, this.#wrap('D1', d1, ['batch', 'exec'])]),
      ),
      SESSIONS: this.#wrap('KV', env.SESSIONS, ['get', 'put', 'delete', 'list']),
      FILES: this.#wrap('R2', env.FILES, ['get', 'put', 'head', 'delete', 'list']),
      EXPORTS: this.#wrap('queue', env.EXPORTS, ['send', 'sendBatch']),
      SIGN_IN_MAIL: this.#wrap('mail queue', env.SIGN_IN_MAIL, ['send', 'sendBatch']),
      WEBHOOKS: this.#wrap('webhook queue', env.WEBHOOKS, ['send', 'sendBatch']),
      REMINDERS: this.#wrap('reminder queue', env.REMINDERS, ['send', 'sendBatch']),
      SWEEPS: this.#wrap('sweep queue', env.SWEEPS, ['send', 'sendBatch']),
    }
  }

  /** Runs to its end, or until it dies or hangs; then nothing that it still does counts. */
  async run(work: (env: Env) => Promise<unknown>): Promise<Ending> {
    const ending = await Promise.race([work(this.env).then((): Ending => 'done'), this.#end.promise])
    this.#isOver = true
    return ending
  }

  /** One call of a port, with what the plan has for it. A hanging call that `signal` can end ends by it. */
  async call(name: string, effect: Call, signal?: AbortSignal | null): Promise<unknown> {
    if (this.#isOver) return never()
    const way = this.#faults.next(name)
    if (way === null) return this.#unlessOver(await effect())
    if (way.endsWith('after the effect')) await effect()
    if (way.startsWith('throw')) throw new Error(`Network connection lost (${name})`)
    if (way.startsWith('hang') && signal) return untilAborted(signal)
    this.#isOver = true
    this.#end.resolve(
      way.startsWith('hang') ? 'hung' : way === 'death with the queue' ? 'died with the queue' : 'died',
    )
    return never()
  }

  async #unlessOver(answer: unknown): Promise<unknown> {
    return this.#isOver ? never() : answer
  }

  #wrap<Binding extends object>(label: string, binding: Binding, methods: readonly string[]): Binding {
    return new Proxy(binding, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property)
        if (typeof member !== 'function') return member
        const method = member.bind(target) as (...values: unknown[]) => unknown
        if (typeof property !== 'string' || !methods.includes(property)) return method
        return (...values: unknown[]) => this.call(`${label}.${property}`, async () => method(...values))
      },
    })
  }
}

async function untilAborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted)
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve)
    })
  throw new DOMException('The operation was aborted due to timeout', 'TimeoutError')
}
