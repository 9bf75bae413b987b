/** Flood limits by the rate-limit bindings: they count per edge location, so they stop floods and are no quota. */
import { fieldValue } from './headers.ts'
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

/** The caller's network as Cloudflare saw it: an IPv4 address, or the /64 that one subscriber has of IPv6. */
export function addressOf(request: Request): string {
  return networkOf(fieldValue(request, 'CF-Connecting-IP') ?? 'unknown')
}

/** `203.0.113.7` as it is, `2001:db8:1:2::7` as `2001:db8:1:2::/64`; what is mapped from IPv4 (RFC 4291) as that. */
export function networkOf(address: string): string {
  if (address.length > 45 || !address.includes(':')) return address
  const mapped = /^(?:0*:){2,5}:?ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const [before = '', after] = address.split('::', 2).map((part) => part.split(':').filter(Boolean).join(':'))
  const left = before === '' ? [] : before.split(':')
  const right = after === undefined || after === '' ? [] : after.split(':')
  const zeros = after === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right]
  if (groups.slice(0, 5).every((group) => /^0+$/.test(group)) && /^ffff$/i.test(groups[5] ?? '')) {
    const bytes = groups.slice(6).map((group) => parseInt(group, 16))
    return bytes.flatMap((pair) => [pair >> 8, pair & 255]).join('.')
  }
  const network = groups.slice(0, 4).map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
  return `${network.join(':')}::/64`
}
