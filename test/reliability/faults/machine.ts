/**
 * The platform around the worker, with a clock of its own: a queue that delivers at least once and buries after the
 * retries of wrangler.toml, a cron, a mail provider that keeps its idempotency rules, and receivers of webhooks.
 */
import { createMessageBatch } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import worker from '../../../src/index.ts'
import { MINUTE, startCron } from '../../support/clock.ts'
import { contextOf } from '../../support/context.ts'
import { retriesOf } from '../../support/queues.ts'
import { type Ending, Faults, type FaultPlan, Invocation } from './faults.ts'

/** After this the platform ends a consumer or a cron that hangs. */
const WALL_TIME = 15 * MINUTE

interface QueuedMessage {
  queue: string
  body: unknown
  attempts: number
  due: number
}

export interface MailAnswer {
  status: number
  headers?: Record<string, string>
  body?: string
}

export interface Options {
  plan: FaultPlan
  /** What the provider says to the n-th request (from 1); null: it accepts. */
  provider?: (request: number) => MailAnswer | null
  /** The status that a receiver of webhooks answers. */
  receiver?: (request: Request, body: string) => number
  /** Looks at, or does something before, a call of a port. */
  before?: (name: string) => Promise<void>
  /** Does something before a receiver of webhooks is called. */
  beforeTry?: (request: Request) => Promise<void>
}

/** What goes on after an answer or a message. The pool's own context complains in the log of what hangs on purpose. */
class Context {
  readonly #works: Promise<unknown>[] = []

  of(inEnv: Env): ExecutionContext {
    return contextOf(inEnv, (work) => {
      this.#works.push(work)
    })
  }

  /** Resolves once all of it is done, and what that began. */
  async done(): Promise<void> {
    for (let work = this.#works.shift(); work !== undefined; work = this.#works.shift()) await work
  }
}

export class Machine {
  readonly faults: Faults
  /** What the provider accepted, by idempotency key, with every different body that it was offered. */
  readonly mails = new Map<string, Set<string>>()
  /** Requests that it refused because a key came with another body. */
  conflicts = 0
  readonly #options: Options
  #queue: QueuedMessage[] = []
  #requests = 0
  #current: Invocation | null = null

  constructor(options: Options) {
    this.#options = options
    this.faults = new Faults(options.plan)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2027, 0, 1) })
    const metadata = { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } }
    const queues = [
      [env.EXPORTS, env.EXPORTS_QUEUE],
      [env.SIGN_IN_MAIL, env.SIGN_IN_MAIL_QUEUE],
    ] as const
    for (const [binding, queue] of queues)
      vi.spyOn(binding, 'send').mockImplementation(async (body: unknown) => {
        this.#enqueue(queue, body)
        return metadata
      })
    // A time-out of the worker ends at once, so that no test waits for it.
    vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => {
      const controller = new AbortController()
      setTimeout(() => {
        controller.abort()
      }, 1)
      return controller.signal
    })
    vi.spyOn(env.WEBHOOKS, 'sendBatch').mockImplementation(async (messages) => {
      for (const { body, delaySeconds } of messages) this.#enqueue(env.WEBHOOKS_QUEUE, body, delaySeconds)
      return metadata
    })
    vi.spyOn(env.REMINDERS, 'sendBatch').mockImplementation(async (messages) => {
      for (const { body } of messages) this.#enqueue(env.REMINDERS_QUEUE, body)
      return metadata
    })
    vi.spyOn(env.SWEEPS, 'sendBatch').mockImplementation(async (messages) => {
      for (const { body } of messages) this.#enqueue(env.SWEEPS_QUEUE, body)
      return metadata
    })
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => this.#fetch(input, init))
  }

  #enqueue(queue: string, body: unknown, delaySeconds = 0): void {
    this.#queue.push({ queue, body, attempts: 1, due: Date.now() + delaySeconds * 1000 })
  }

  /** A mail, or a try of a webhook's delivery. */
  async #fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const process = this.#current
    if (!process) throw new Error('A request from nowhere')
    const request = new Request(input, { ...init, signal: null })
    if (request.headers.has('webhook-id')) await this.#options.beforeTry?.(request)
    const [name, effect] = request.headers.has('webhook-id')
      ? (['receiver', () => this.#receive(request)] as const)
      : (['mail', () => this.#provide(request)] as const)
    // `call` gives back what its effect gave.
    return (await process.call(name, effect, init?.signal ?? null)) as Response
  }

  async #receive(request: Request): Promise<Response> {
    const body = await request.text()
    return new Response(null, { status: this.#options.receiver?.(request, body) ?? 204 })
  }

  async #provide(request: Request): Promise<Response> {
    this.#requests += 1
    const answer = this.#options.provider?.(this.#requests) ?? null
    if (answer)
      return new Response(answer.body ?? '{}', { status: answer.status, headers: answer.headers ?? {} })
    const key = request.headers.get('Idempotency-Key') ?? ''
    const body = await request.text()
    const bodies = this.mails.get(key) ?? new Set()
    this.mails.set(key, bodies)
    const isConflict = bodies.size > 0 && !bodies.has(body)
    bodies.add(body)
    if (!isConflict) return Response.json({ id: key })
    this.conflicts += 1
    return Response.json({ name: 'invalid_idempotent_request' }, { status: 409 })
  }

  /** One process: a request, a batch or a cron. */
  async #process(work: (env: Env) => Promise<unknown>): Promise<Ending> {
    const invocation = new Invocation(env, this.faults)
    const { before } = this.#options
    if (before) {
      const call = invocation.call.bind(invocation)
      invocation.call = async (name, effect, signal) => {
        await before(name)
        return call(name, effect, signal)
      }
    }
    this.#current = invocation
    const ending = await invocation.run(work)
    if (ending === 'hung') vi.setSystemTime(Date.now() + WALL_TIME)
    if (ending === 'died with the queue') this.forget()
    return ending
  }

  /** A request, and what its process does after the answer; null when the process died before it answered. */
  async request(request: Request): Promise<Response | null> {
    let response: Response | null = null
    await this.#process(async (worldOfCalls) => {
      const context = new Context()
      response = await worker.fetch(request, worldOfCalls, context.of(worldOfCalls))
      await context.done()
    })
    return response
  }

  /** The cron and what it has sent, each a process of its own. */
  async sweep(): Promise<void> {
    await this.#process((worldOfCalls) => startCron(worldOfCalls))
    const isSweep = ({ queue }: QueuedMessage) => queue === env.SWEEPS_QUEUE
    const sweeps = this.#queue.filter(isSweep)
    this.#queue = this.#queue.filter((message) => !isSweep(message))
    for (const message of sweeps) await this.#deliver(message)
  }

  /** Puts a message into the queue again, as the platform may. */
  duplicate(): void {
    this.#queue.push(...this.#queue.map((message) => ({ ...message })))
  }

  /** Loses all messages, as the local queue does when it is killed. */
  forget(): void {
    this.#queue = []
  }

  /** Delivers all that is due or comes due, in order, retries and dead letters included. */
  async drain(): Promise<void> {
    for (let deliveries = 0; this.#queue.length > 0; deliveries += 1) {
      if (deliveries > 200) throw new Error('The queue never comes to rest')
      this.#queue.sort((left, right) => left.due - right.due)
      const message = this.#queue.shift()
      if (!message) return
      if (message.due > Date.now()) vi.setSystemTime(message.due)
      await this.#deliver(message)
    }
  }

  async #deliver(message: QueuedMessage): Promise<void> {
    const { queue, body, attempts } = message
    const batch = createMessageBatch(queue, [{ id: 'message', timestamp: new Date(), attempts, body }])
    const retried: { delaySeconds: number | null } = { delaySeconds: null }
    const [delivered] = batch.messages
    if (delivered) {
      vi.spyOn(delivered, 'retry').mockImplementation((options) => {
        retried.delaySeconds = options?.delaySeconds ?? 0
      })
    }
    const ending = await this.#process(async (worldOfCalls) => {
      const context = new Context()
      await worker.queue(batch, worldOfCalls, context.of(worldOfCalls))
      await context.done()
    })
    if (ending === 'died with the queue') return
    if (ending === 'done' && retried.delaySeconds === null) return
    const due = Date.now() + (retried.delaySeconds ?? 0) * 1000
    if (attempts <= retriesOf(queue)) this.#queue.push({ ...message, attempts: attempts + 1, due })
    else if (queue !== env.DEAD_LETTER_QUEUE && queue !== env.SWEEPS_QUEUE)
      this.#queue.push({ queue: env.DEAD_LETTER_QUEUE, body, attempts: 1, due })
  }
}
