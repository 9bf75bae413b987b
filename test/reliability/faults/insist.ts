/** A client that does not give up. */
import { expect } from 'vitest'
import type { Machine } from './machine.ts'

/** Sends a POST with an `Idempotency-Key` until it is answered with 200. */
export async function insist(
  machine: Machine,
  { session }: { session: string },
  path: string,
  body?: object,
  key = 'once',
): Promise<Response> {
  for (let tries = 1; tries <= 5; tries += 1) {
    const response = await machine.request(
      new Request(`https://api.test${path}`, {
        method: 'POST',
        headers: { SessionId: session, 'Idempotency-Key': key, 'Content-Type': 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      }),
    )
    if (response?.status === 200) return response
    expect([undefined, 409, 500, 503], machine.faults.done.join()).toContain(response?.status)
  }
  expect.fail('never answered well')
}
