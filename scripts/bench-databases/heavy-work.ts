/** Work that keeps a database busy for as long as it is wanted. */
import { setTimeout as sleep } from 'node:timers/promises'
import { send } from '../bench-lists/measure.ts'
import { PLANS } from '../bench-lists/queries.ts'
import type { Seeded } from '../bench-lists/setting.ts'
import { mailsOf, type Service } from '../killtest/service.ts'

const SAMPLE_EVERY_MS = 50
const EXPORT_LIMIT_MS = 60_000

/** Does it once, for a company whose database it keeps busy. */
type Work = (service: Service, company: Seeded) => Promise<void>

export const WORKS: Record<'overviews' | 'exports', Work> = {
  async overviews({ url }, { adminToken: token }) {
    await send({ url: `${url}${PLANS}/overview`, token })
  },
  async exports(service, { adminToken: token }) {
    const before = (await mailsOf(service)).length
    await send({ url: `${service.url}${PLANS}/excel`, token, method: 'POST', body: {} })
    for (const end = Date.now() + EXPORT_LIMIT_MS; (await mailsOf(service)).length === before;) {
      if (Date.now() > end) throw new Error('An export did not end')
      await sleep(SAMPLE_EVERY_MS)
    }
  },
}

/** Does it again and again, one after the other, while the rest is done; gives what the rest gives. */
export async function beside<Result>(
  work: (() => Promise<void>) | null,
  rest: () => Promise<Result>,
): Promise<Result> {
  const enough = new AbortController()
  const busy = (async () => {
    while (work && !enough.signal.aborted) await work()
  })()
  try {
    return await rest()
  } finally {
    enough.abort()
    await busy
  }
}
