/**
 * Whether links that begin with PUBLIC_URL can be followed. A deployment that left PUBLIC_URL at a local address would
 * mail links that are dead for everybody, so it gives out none. On a developer's machine nothing changes: there the
 * requests come to a local host too, under whatever name or port.
 */
import type { Settings } from '../settings.ts'
import { type Meter, newMeter } from './database.ts'
import { isLocalHost } from './local-host.ts'
import { Problem } from './problem.ts'
import { logFailure, logStep } from './request-log.ts'
import type { RequestFacts } from './request.ts'

/** False if PUBLIC_URL is a local address although this request came to a public host. */
export function linksLeadHere({ PUBLIC_URL }: Pick<Settings, 'PUBLIC_URL'>, requestUrl: string): boolean {
  return !isLocalUrl(PUBLIC_URL) || isLocalUrl(requestUrl)
}

/** Throws 503 LINKS_UNAVAILABLE if links would lead nowhere. */
export function requireLinks({ settings, raw }: Pick<RequestFacts, 'settings' | 'raw'>): void {
  if (!linksLeadHere(settings, raw.url)) {
    throw new Problem(
      'LINKS_UNAVAILABLE',
      'A link would lead nowhere, since this deployment does not know its public address. /healthz tells its operator more.',
    )
  }
}

/** The address of a path of this service. */
export function publicAddress({ PUBLIC_URL }: Pick<Settings, 'PUBLIC_URL'>, path: string): string {
  return PUBLIC_URL.replace(/\/$/, '') + path
}

/** Jobs see no host, so requests leave this note for them in KV. */
const NOTE = 'reached-from-outside'
const NOTE_SECONDS = 3600
const NOTE_AGAIN_MILLISECONDS = 10 * 60 * 1000

/** When an isolate last left the note. The key is `env`, because an isolate has exactly one. */
const noted = new WeakMap<Env, number>()

/**
 * Leaves the note, and a line in the log, if links would lead nowhere; at most every 10 minutes an isolate. Never
 * throws.
 */
export async function noteHost({
  settings,
  raw,
  env,
  now,
  id,
}: Pick<RequestFacts, 'settings' | 'raw' | 'env' | 'now' | 'id'>): Promise<void> {
  if (linksLeadHere(settings, raw.url)) return
  if (now - (noted.get(env) ?? -Infinity) < NOTE_AGAIN_MILLISECONDS) return
  noted.set(env, now)
  logStep('public-url.local', { requestId: id }, newMeter())
  await env.SESSIONS.put(NOTE, 'PUBLIC_URL is a local address', { expirationTtl: NOTE_SECONDS }).catch(
    (error: unknown) => {
      logFailure(id, error)
    },
  )
}

/** Whether a job may mail links: not while PUBLIC_URL is a local address and the note is there. */
export async function mayMailLinks(env: Env, settings: Settings, meter: Meter): Promise<boolean> {
  if (!isLocalUrl(settings.PUBLIC_URL)) return true
  meter.kvReads += 1
  return (await env.SESSIONS.get(NOTE)) === null
}

function isLocalUrl(url: string): boolean {
  return isLocalHost(new URL(url).hostname)
}
