/**
 * All answers under way share the memory of one isolate (128 MB), so each must get a grant of bytes from a budget. An
 * answer that does not fit waits its turn, and is refused as 503 BUSY after ten seconds. Small answers have a budget of
 * their own, so that they never wait behind large ones.
 */
import type { Database } from './database.ts'
import type { DatabaseName } from './place.ts'
import { Problem } from './problem.ts'

const MIB = 1024 * 1024
const LONGEST_WAIT_MILLISECONDS = 10_000
const RETRY_AFTER_SECONDS = 2

/** A grant ends by itself after this time, in case its request was cut off; longer than D1 and an answer take. */
const GRANT_MILLISECONDS = 60_000
/** A waiting request asks again at this interval. A request that has not asked for a second has gone away. */
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
 * A number of bytes that requests share, first come, first served. Waiting requests poll, because the Workers runtime
 * does not let one request resume another.
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

  /** Waits until `bytes` are free, or the whole budget if `bytes` is more. Throws 503 BUSY after ten seconds from `started`. */
  async take(bytes: number, started = Date.now()): Promise<Grant> {
    this.#tickets += 1
    const ticket: Ticket = { number: this.#tickets, seen: started }
    try {
      for (let now = Date.now(); now - started < LONGEST_WAIT_MILLISECONDS; now = Date.now()) {
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

  /**
   * Takes or keeps the ticket's place, and drops tickets of requests that have gone away. After a pause of the whole
   * isolate, other requests may have dropped this ticket; its number brings it back to its place.
   */
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

/** Of which database a request is, and whether it is the only one. */
type Whose = Pick<Database, 'at' | 'isAlone'>

/**
 * A budget of which, where several databases are bound, the requests of one have at most half: while it does not answer, they
 * keep what they were granted, and those of the others must not wait for it.
 */
export class SharedBudget {
  readonly #half: number
  readonly #whole: Budget
  readonly #parts = new Map<DatabaseName, Budget>()

  constructor(capacity: number) {
    this.#whole = new Budget(capacity)
    this.#half = capacity / 2
  }

  /** Bytes that a request of the database could be granted at `now`. */
  free(whose: Whose, now: number): number {
    const free = this.#whole.free(now)
    return whose.isAlone ? free : Math.min(free, this.#partOf(whose).free(now))
  }

  /** Waits as `Budget` does, and returns how to give the bytes back. Throws 503 BUSY. */
  async take(bytes: number, whose: Whose): Promise<() => void> {
    const started = Date.now()
    const giveBackPart = whose.isAlone ? () => undefined : await taken(this.#partOf(whose), bytes, started)
    try {
      const giveBack = await taken(this.#whole, bytes, started)
      return () => {
        giveBack()
        giveBackPart()
      }
    } catch (error) {
      giveBackPart()
      throw error
    }
  }

  #partOf({ at }: Whose): Budget {
    const part = this.#parts.get(at) ?? new Budget(this.#half)
    this.#parts.set(at, part)
    return part
  }
}

async function taken(budget: Budget, bytes: number, started: number): Promise<() => void> {
  const grant = await budget.take(bytes, started)
  return () => {
    budget.giveBack(grant)
  }
}

const LIGHT = new SharedBudget(8 * MIB)
const HEAVY = new SharedBudget(14 * MIB)
const UPLOADS = new Budget(15 * MIB)
const LEAST_LIGHT = 128 * 1024
const MOST_LIGHT = MIB

/** The memory granted to one request. */
export class Admission {
  #giveBack: (() => void) | null = null
  #upload: Grant | null = null

  /** A grant for a small answer; returns the bytes that the answer may have, 128 KiB to 1 MiB. Throws 503 BUSY. */
  async light(whose: Whose): Promise<number> {
    const share = Math.floor(LIGHT.free(whose, Date.now()) / 8)
    return this.#exchange(LIGHT, Math.min(Math.max(share, LEAST_LIGHT), MOST_LIGHT), whose)
  }

  /** A grant for an answer of about `bytes`, in place of the earlier grant; returns `bytes`. Throws 503 BUSY. */
  async heavy(bytes: number, whose: Whose): Promise<number> {
    return this.#exchange(HEAVY, bytes, whose)
  }

  /** A grant for a file of at most so many bytes that comes with the request, beside that for the answer. Throws 503 BUSY. */
  async upload(bytes: number): Promise<void> {
    this.#upload ??= await UPLOADS.take(bytes)
  }

  /** Gives the grants back; to be called when the answer has been handed over or has failed. */
  release(): void {
    this.#return()
    if (this.#upload) UPLOADS.giveBack(this.#upload)
    this.#upload = null
  }

  #return(): void {
    this.#giveBack?.()
    this.#giveBack = null
  }

  async #exchange(budget: SharedBudget, bytes: number, whose: Whose): Promise<number> {
    this.#return()
    this.#giveBack = await budget.take(bytes, whose)
    return bytes
  }
}
