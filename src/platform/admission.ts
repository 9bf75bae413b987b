/**
 * Answers in work are budgeted by weight, since all of them share the memory of one isolate (128 MB): what does not fit
 * waits its turn, and is refused as BUSY when that does not come. A request first gets a little, which most answers fit
 * into, from a budget of its own, so that light answers never wait behind heavy ones.
 */
import { Problem } from './problem.ts'

const MIB = 1024 * 1024
const LONGEST_WAIT_MILLISECONDS = 10_000
const RETRY_AFTER_SECONDS = 2

/** A grant that nobody gives back (its request was cut off) ends by itself; longer than D1 and an answer take. */
const GRANT_MILLISECONDS = 60_000
/** Who waits asks again this often; who has not asked for a second is gone. */
const POLL_MILLISECONDS = 10
const GONE_AFTER_MILLISECONDS = 1000

interface Grant {
  bytes: number
  until: number
}

interface Ticket {
  number: number
  seen: number
}

/**
 * So many bytes for all who share it, first come, first served. Who waits asks again by itself, because the runtime
 * resumes no request from within another one's.
 */
export class Budget {
  readonly #capacity: number
  readonly #grants = new Set<Grant>()
  #queue: Ticket[] = []
  #tickets = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Bytes that are not granted at `now`. */
  free(now: number): number {
    let used = 0
    for (const grant of this.#grants) {
      if (grant.until > now) used += grant.bytes
      else this.#grants.delete(grant)
    }
    return this.#capacity - used
  }

  /** Waits until `bytes` are free, or all of it if they are more; BUSY after ten seconds. */
  async take(bytes: number): Promise<Grant> {
    const started = Date.now()
    this.#tickets += 1
    const ticket: Ticket = { number: this.#tickets, seen: started }
    try {
      for (let now = started; now - started < LONGEST_WAIT_MILLISECONDS; now = Date.now()) {
        this.#standInLine(ticket, now)
        if (this.#queue[0] === ticket && this.free(now) >= Math.min(bytes, this.#capacity)) {
          const grant = { bytes, until: now + GRANT_MILLISECONDS }
          this.#grants.add(grant)
          return grant
        }
        await scheduler.wait(POLL_MILLISECONDS)
      }
    } finally {
      this.#queue = this.#queue.filter((other) => other !== ticket)
    }
    throw new Problem('BUSY', `Try again in ${String(RETRY_AFTER_SECONDS)} seconds.`, {
      headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) },
    })
  }

  /** Takes or keeps its place; also after a pause of everybody, which made others take it for gone. */
  #standInLine(ticket: Ticket, now: number): void {
    ticket.seen = now
    if (!this.#queue.includes(ticket)) {
      this.#queue = [...this.#queue, ticket].sort((left, right) => left.number - right.number)
    }
    this.#queue = this.#queue.filter(({ seen }) => now - seen < GONE_AFTER_MILLISECONDS)
  }

  giveBack(grant: Grant): void {
    this.#grants.delete(grant)
  }
}

const LIGHT = new Budget(8 * MIB)
const HEAVY = new Budget(14 * MIB)
const LEAST_LIGHT = 128 * 1024
const MOST_LIGHT = MIB

/** What one request has been granted. */
export class Admission {
  #grant: { of: Budget; grant: Grant } | null = null

  /** A little of what is free; the bytes that the answer may have. */
  async light(): Promise<number> {
    const share = Math.floor(LIGHT.free(Date.now()) / 8)
    return this.#exchange(LIGHT, Math.min(Math.max(share, LEAST_LIGHT), MOST_LIGHT))
  }

  /** Room for an answer of about so many bytes, in place of what was granted before. */
  async heavy(bytes: number): Promise<number> {
    return this.#exchange(HEAVY, bytes)
  }

  /** The answer's bytes are handed over, or there will be none. */
  release(): void {
    if (this.#grant) this.#grant.of.giveBack(this.#grant.grant)
    this.#grant = null
  }

  async #exchange(budget: Budget, bytes: number): Promise<number> {
    this.release()
    this.#grant = { of: budget, grant: await budget.take(bytes) }
    return bytes
  }
}
