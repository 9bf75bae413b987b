/** Flood limits by the rate-limit bindings: they count per edge location, so they stop floods and are no quota. */
import { Problem } from './problem.ts'

const PERIOD_SECONDS = 60

/** 429 with Retry-After once `key` is over the binding's limit. */
export async function limitRate(
  binding: RateLimit,
  key: string,
  settings: { RATE_LIMITS: 'on' | 'off' },
): Promise<void> {
  if (settings.RATE_LIMITS === 'off') return
  const { success } = await binding.limit({ key })
  if (!success) {
    throw new Problem('RATE_LIMITED', `Try again in ${String(PERIOD_SECONDS)} seconds.`, {
      headers: { 'Retry-After': String(PERIOD_SECONDS) },
    })
  }
}

/** The caller's network address as Cloudflare saw it. */
export function addressOf(request: Request): string {
  return request.headers.get('CF-Connecting-IP') ?? 'unknown'
}
