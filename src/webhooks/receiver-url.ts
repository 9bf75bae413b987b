/** Which addresses a webhook may call, pure. Checked when a webhook is made or changed, and again before each try. */
import { isPublicHost } from '../platform/public-host.ts'

/** The most characters of a URL. */
export const LONGEST_URL = 2000

export interface Surroundings {
  /** `host:port` that are exempt from the rules about hosts, also by plain http. */
  trusted: readonly string[]
  /** URLs at which the service itself is reached. */
  own: readonly string[]
}

/** `host` is host and port, the same for every spelling. */
export type Receiver = { host: string } | { complaint: string }

/** The receiver at an address, or why nothing is sent there. */
export function readReceiver(text: string, { trusted, own }: Surroundings): Receiver {
  // The parser would read "https:x" and "https:\\x" as well.
  const url = /^https?:\/\/[^/\\]/i.test(text) && URL.canParse(text) ? new URL(text) : null
  if (!url || !['http:', 'https:'].includes(url.protocol)) return complaint('must be an absolute https URL')
  // Never sent, so that it can only be a mistake.
  if (text.includes('#')) return complaint('must not have a fragment')
  if (/^[^/]*\/\/[^/?]*@/.test(text)) return complaint('must not hold credentials')
  if (url.href.length > LONGEST_URL) return complaint(`must have at most ${String(LONGEST_URL)} characters`)
  const receiver = { host: `${nameOf(url)}:${url.port || defaultPort(url)}` }
  if (trusted.includes(receiver.host)) return receiver
  if (url.protocol !== 'https:') return complaint('must begin with https://')
  if (own.some((address) => nameOf(new URL(address)) === nameOf(url)))
    return complaint('must not lead to this service')
  return isPublicHost(url.hostname) ? receiver : complaint('must lead to a public host')
}

function complaint(text: string): { complaint: string } {
  return { complaint: text }
}

/** The host without the dot of the root, which changes nothing. */
function nameOf({ hostname }: URL): string {
  return hostname.replace(/\.$/, '')
}

function defaultPort({ protocol }: URL): string {
  return protocol === 'https:' ? '443' : '80'
}
