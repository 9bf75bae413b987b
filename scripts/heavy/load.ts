/** Requests, many at once, with what they came to and what the worker's heap held meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Service } from '../killtest/service.ts'
import { Heap } from '../soak/heap.ts'

export interface Ask {
  token: string
  method: string
  path: string
  body?: object
}

interface Answer {
  /** 0: none, the connection broke. */
  status: number
  bytes: number
  milliseconds: number
  location: string | null
  body: unknown
}

const SAMPLE_EVERY_MS = 50
const MB = 2 ** 20

export async function answersTo(
  { url }: Pick<Service, 'url'>,
  { token, method, path, body }: Ask,
): Promise<Answer> {
  const started = Date.now()
  try {
    const response = await fetch(url + path, {
      method,
      headers: { SessionId: token, ...(body ? { 'Content-Type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(60_000),
    })
    const text = await response.text()
    const isJson = response.headers.get('Content-Type')?.includes('json') === true
    return {
      status: response.status,
      bytes: Buffer.byteLength(text),
      milliseconds: Date.now() - started,
      location: response.headers.get('Location'),
      body: isJson && text !== '' ? (JSON.parse(text) as unknown) : null,
    }
  } catch {
    return { status: 0, bytes: 0, milliseconds: Date.now() - started, location: null, body: null }
  }
}

export class Load {
  readonly problems: string[] = []
  requests = 0
  /** Whether 503 BUSY is an answer, too. */
  mayBeBusy = false
  readonly #service: Service
  readonly #heap: Heap
  readonly #statuses = new Map<number, number>()
  #peak = 0
  #peakOfStep = 0
  #isOpen = true

  private constructor(service: Service, heap: Heap) {
    this.#service = service
    this.#heap = heap
    void this.#watch()
  }

  static async on(service: Service): Promise<Load> {
    return new Load(service, await Heap.open(service.inspectorPort))
  }

  /** Sends `count` requests at once and prints a line about them. */
  async run(name: string, count: number, ask: (index: number) => Ask): Promise<Answer[]> {
    this.#peakOfStep = 0
    const answers = await Promise.all(
      Array.from({ length: count }, (_, index) => answersTo(this.#service, ask(index))),
    )
    this.requests += count
    for (const answer of answers) {
      this.#statuses.set(answer.status, (this.#statuses.get(answer.status) ?? 0) + 1)
      if (!this.#isLawful(answer)) this.complain(`${name}: ${answer.status} ${JSON.stringify(answer.body)}`)
    }
    const of = (list: readonly number[]) => [...new Set(list)].sort((a, b) => a - b).join(', ')
    const slowest = Math.max(...answers.map(({ milliseconds }) => milliseconds))
    const largest = Math.max(...answers.map(({ bytes }) => bytes)) / MB
    console.log(
      `${name.padEnd(52)} ${of(answers.map(({ status }) => status)).padEnd(9)} ${largest.toFixed(1).padStart(5)} MB ${String(slowest).padStart(6)} ms  heap ${this.#peakOfStep.toFixed(0)} MB`,
    )
    return answers
  }

  complain(problem: string): void {
    this.problems.push(problem.slice(0, 500))
  }

  counts(): string {
    return [...this.#statuses].map(([status, count]) => `${count} × ${status}`).join(', ')
  }

  peakMb(): string {
    return this.#peak.toFixed(0)
  }

  close(): void {
    this.#isOpen = false
    this.#heap.close()
  }

  #isLawful({ status, body }: Answer): boolean {
    if ((status >= 200 && status < 300) || status === 409 || status === 429) return true
    const { code } = (body ?? {}) as { code?: string }
    return this.mayBeBusy && status === 503 && code === 'BUSY'
  }

  async #watch(): Promise<void> {
    while (this.#isOpen) {
      const used = (await this.#heap.inUse()) / MB
      this.#peakOfStep = Math.max(this.#peakOfStep, used)
      this.#peak = Math.max(this.#peak, used)
      await sleep(SAMPLE_EVERY_MS)
    }
  }
}
