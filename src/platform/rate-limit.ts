/** Limits on request rates. The bindings count per edge location, so the limits stop floods but are no exact quota. */
import { fieldValue } from './headers.ts'
import { Problem } from './problem.ts'

const PERIOD_SECONDS = 60

/** Throws 429 RATE_LIMITED with Retry-After if `key` is over the limit of the binding. */
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

/**
 * The caller's network, by the address that Cloudflare saw: an IPv4 address, or an IPv6 /64, which usually is one
 * subscriber.
 */
export function addressOf(request: Request): string {
  return networkOf(fieldValue(request, 'CF-Connecting-IP') ?? 'unknown')
}

/**
 * `203.0.113.7` stays as it is, `2001:db8:1:2::7` becomes `2001:db8:1:2::/64`, and an IPv4-mapped IPv6 address (RFC
 * 4291) becomes the IPv4 address.
 */
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
