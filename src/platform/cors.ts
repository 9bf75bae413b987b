/** Cross-origin requests: off unless CORS_ORIGINS names the origin. */

const ALLOWED_HEADERS =
  'SessionId, Authorization, Prefer, If-Match, If-None-Match, Idempotency-Key, X-D1-Bookmark, Content-Type'
const EXPOSED_HEADERS =
  'X-D1-Bookmark, Preference-Applied, ETag, Location, X-Request-Id, Retry-After, Idempotent-Replayed'

/** Names and values of headers to add to the answer; for a preflight also the allowed methods and headers. */
export function crossOriginHeaders(request: Request, origins: readonly string[]): [string, string][] {
  if (origins.length === 0) return []
  const origin = request.headers.get('Origin')
  const headers: [string, string][] = [['Vary', 'Origin']]
  if (origin === null || !origins.includes(origin)) return headers
  headers.push(['Access-Control-Allow-Origin', origin], ['Access-Control-Expose-Headers', EXPOSED_HEADERS])
  if (request.method === 'OPTIONS' && request.headers.has('Access-Control-Request-Method')) {
    headers.push(
      ['Access-Control-Allow-Methods', 'GET, HEAD, POST, PATCH, DELETE'],
      ['Access-Control-Allow-Headers', ALLOWED_HEADERS],
      ['Access-Control-Max-Age', '600'],
    )
  }
  return headers
}
