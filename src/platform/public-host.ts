/** Which hosts may be reached over the public internet, so that a request to them cannot hit what is private. Pure. */
import { isLocalHost } from './local-host.ts'

/** Ranges of IPv4 that are not routed publicly (IANA, special-purpose addresses), and multicast. */
const SPECIAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  // Multicast, reserved, broadcast.
  '224.0.0.0/3',
].map((range) => {
  const [address = '', bits = ''] = range.split('/')
  return { bits: Number(bits), prefix: prefixOf(ipv4Number(address), Number(bits)) }
})

/**
 * Whether a host is a public one: a name with a dot that the public DNS may know, or an address that is routed publicly.
 * What a name resolves to is not looked up.
 * @param hostname as `URL.hostname` gives it: lower case, IPv4 in four decimals, IPv6 shortest and in brackets
 */
export function isPublicHost(hostname: string): boolean {
  if (hostname.startsWith('[')) return isPublicIpv6(hostname.slice(1, -1))
  if (/^\d+(\.\d+){3}$/.test(hostname)) return isPublicIpv4(hostname)
  // Every label is there; only the root may be left empty, at the end.
  return /^[^.*]+(\.[^.*]+)+\.?$/.test(hostname) && !isLocalHost(hostname)
}

function isPublicIpv4(address: string): boolean {
  const number = ipv4Number(address)
  return !SPECIAL_IPV4.some(({ bits, prefix }) => prefixOf(number, bits) === prefix)
}

function ipv4Number(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

function prefixOf(number: number, bits: number): number {
  return Math.floor(number / 2 ** (32 - bits))
}

/**
 * Global unicast (`2000::/3`) without what lies in it for other ends: protocol assignments with Teredo (`2001::/23`),
 * documentation (`2001:db8::/32`, `3fff::/20`) and 6to4 (`2002::/16`). So IPv4 in any of its IPv6 forms is not public.
 */
function isPublicIpv6(address: string): boolean {
  const [first = 0, second = 0] = ipv6Groups(address)
  if (first === 0x2001) return second >= 0x200 && second !== 0xdb8
  if (first === 0x3fff) return second >= 0x1000
  return first >= 0x2000 && first <= 0x3fff && first !== 0x2002
}

/** The groups before the gap `::`, and as many of those after it as are left of eight. */
function ipv6Groups(address: string): number[] {
  const [before = [], after = []] = address
    .split('::')
    .map((part) => part.split(':').flatMap((group) => (group === '' ? [] : [parseInt(group, 16)])))
  const gap = Math.max(0, 8 - before.length - after.length)
  return [...before, ...Array.from({ length: gap }, () => 0), ...after]
}
