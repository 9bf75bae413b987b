/** Which hosts mean something on one machine or one private network alone. Pure. */

/**
 * Names that the public DNS does not know: RFC 6761 (`localhost`, `test`, `invalid`), RFC 6762 (`local`), RFC 7686 (`onion`),
 * RFC 8375 (`home.arpa`; nobody has a host elsewhere under `arpa`), `internal` (reserved by ICANN), and `lan` and
 * `localdomain`, which many routers give out.
 */
const LOCAL_NAME = /(^|\.)(localhost|localdomain|local|internal|test|invalid|onion|lan|arpa)$/

/**
 * Whether a host is a local one: such a name, a name without a dot, or an address of a range that is not routed
 * publicly. Another name counts as public, whatever it resolves to.
 * @param hostname as `URL.hostname` gives it: lower case, IPv4 in four decimals, IPv6 shortest and in brackets
 */
export function isLocalHost(hostname: string): boolean {
  const host = hostname.replace(/\.$/, '')
  if (host.startsWith('[')) return isLocalIpv6(host.slice(1, -1))
  if (/^\d+(\.\d+){3}$/.test(host)) return isLocalIpv4(host.split('.').map(Number))
  return !host.includes('.') || LOCAL_NAME.test(host)
}

/** "This network", private, shared (carrier and overlay networks), loopback and link-local ranges. */
function isLocalIpv4([first = 0, second = 0]: readonly number[]): boolean {
  switch (first) {
    case 0:
    case 10:
    case 127:
      return true
    case 100:
      return second >= 64 && second < 128
    case 169:
      return second === 254
    case 172:
      return second >= 16 && second < 32
    case 192:
      return second === 168
    default:
      return false
  }
}

/** Unspecified, loopback, unique local (`fc00::/7`), link-local (`fe80::/10`), and IPv4 addresses written as IPv6. */
function isLocalIpv6(address: string): boolean {
  if (address === '::' || address === '::1') return true
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address)
  if (mapped) {
    return isLocalIpv4(mapped.slice(1).flatMap((pair) => [parseInt(pair, 16) >> 8, parseInt(pair, 16) & 255]))
  }
  return /^f[cd][0-9a-f]{2}:|^fe[89ab][0-9a-f]:/.test(address)
}
