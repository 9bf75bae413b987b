/** The icon of the service: a tick on a rounded square. */

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1d4ed8"/><path d="m9 16.5 5 5L23 11" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/></svg>'

/** The same as an .ico file with one PNG of 32 by 32, base64. */
const ICO =
  'AAABAAEAICAAAAEABAD7AAAAFgAAAIlQTkcNChoKAAAADUlIRFIAAAAgAAAAIAQDAAAAgVRnxwAAABVQTFRFAAAAHU7YHU7YHU7Y' +
  'aInl////tMTym76ibwAAAAd0Uk5TAKr/Vf///9vqxt4AAACOSURBVHjalZLdCYAwDISDTqATaK0+iyOILiCeAwjdfwXjT2uTPogH' +
  'hfBxTdKkRFSYoIJYg4nUEOVGqKdMgopKCeoUGKVfwGKUYMYiARRooa44bCHpxKcDdg+6M3wMF2g5tndK78A+A1FjbAfWCLDlrhnK' +
  'OjwpPfA138bcpl5rxx8D+p56sqhklcmy9Xc4AACkTLW1rbkVAAAAAElFTkSuQmCC'

// Changes with releases at most, and holds nothing of anybody.
const CACHED = { 'Cache-Control': 'public, max-age=86400', 'Content-Security-Policy': "default-src 'none'" }

export function favicon(): Response {
  return new Response(SVG, { headers: { 'Content-Type': 'image/svg+xml', ...CACHED } })
}

export function faviconIco(): Response {
  const bytes = Uint8Array.from(atob(ICO), (character) => character.charCodeAt(0))
  return new Response(bytes, { headers: { 'Content-Type': 'image/vnd.microsoft.icon', ...CACHED } })
}
