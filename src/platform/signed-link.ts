/** What all signed addresses have in common: how a request presents one, and how their answers are kept private. */

export const PRIVATE_HEADERS = { 'Cache-Control': 'private, no-store', 'Referrer-Policy': 'no-referrer' }

/** Path and query of the request, as it presents a signed address. */
export function linkOf({ url }: Request): string {
  const { pathname, search } = new URL(url)
  return pathname + search
}

export function asPrivate(response: Response): Response {
  for (const [name, value] of Object.entries(PRIVATE_HEADERS)) response.headers.set(name, value)
  return response
}

/** Whether `text/html` is named and not refused, as browsers do. A client that accepts anything gets a problem. */
export function acceptsPage({ headers }: Request): boolean {
  return (headers.get('Accept') ?? '')
    .toLowerCase()
    .split(',')
    .some((range) => /^\s*text\/html\s*(;|$)/.test(range) && !/;\s*q=0(\.0*)?\s*(;|$)/.test(range))
}
