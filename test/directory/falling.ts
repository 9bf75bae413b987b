/** Databases that carry out nothing, and what people ask for meanwhile. */
import { env } from 'cloudflare:workers'
import { expect, vi } from 'vitest'
import type { DatabaseName } from '../../src/platform/place.ts'
import { signSwitchOff } from '../../src/reminders/links.ts'
import { codeOf, type Reply } from '../support/api.ts'
import type { Background } from '../support/background.ts'
import { openCalendar } from '../support/calendars.ts'
import { sendExportOf } from '../support/exports.ts'
import { DATABASES, livingIn } from '../support/home.ts'
import { ask, guarded, rowOf, type Scene } from '../support/requests.ts'
import { createSceneIn } from '../support/scene.ts'
import { createWorld, type World } from '../support/world.ts'

export const FORM = { body: '', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }
const d1 = (name: DatabaseName): D1Database => DATABASES[name] ?? env.DB

/** Has every call to a database fail, until the test is over or what is returned is called. */
export function fell(name: DatabaseName): () => void {
  const spy = vi.spyOn(d1(name), 'batch').mockRejectedValue(new Error('D1_ERROR: Network connection lost.'))
  return () => {
    spy.mockRestore()
  }
}

/** Has no call to a database ever end, and those who wait for one wait no longer than two seconds. */
export function hangs(name: DatabaseName): () => void {
  const spy = vi.spyOn(d1(name), 'batch').mockReturnValue(new Promise(() => undefined))
  const start = setTimeout
  const clock = vi.spyOn(globalThis, 'setTimeout').mockImplementation((callback, milliseconds) => {
    return start(callback, Math.min(milliseconds ?? 0, 2000))
  })
  return () => {
    spy.mockRestore()
    clock.mockRestore()
  }
}

/** Has no call to a database end, until the test is over or what is returned is called: then each fails. */
export function stalls(name: DatabaseName): () => void {
  const calls: ((error: Error) => void)[] = []
  const spy = vi.spyOn(d1(name), 'batch').mockImplementation(
    () =>
      new Promise((_, reject) => {
        calls.push(reject)
      }),
  )
  return () => {
    spy.mockRestore()
    for (const reject of calls) reject(new Error('D1_ERROR: Network connection lost.'))
  }
}

export interface Life {
  world: World
  link: string
  calendar: string
  switchOff: string
}

/** A company with what can be asked for without a session. */
export async function lifeIn(name: DatabaseName, background: Background): Promise<Life> {
  return livingIn(name, async () => {
    const world = await createWorld()
    const { link } = await sendExportOf(world.marc, background)
    const target = { companyId: world.companyId, userId: world.marc.id }
    const switchOff = await signSwitchOff(target, env.DERIVED_KEYS_SECRET)
    return { world, link, calendar: await openCalendar(world.marc), switchOff }
  })
}

/** A scene for each endpoint: one for all reads, and a company of its own for each write, which may take something away. */
export async function scenesIn(name: DatabaseName): Promise<Scene[]> {
  return livingIn(name, async () => {
    const read = await createSceneIn(await createWorld(), 'bare')
    const scenes: Scene[] = []
    for (const endpoint of guarded)
      scenes.push(rowOf(endpoint).costs === 'read' ? read : await createSceneIn(await createWorld(), 'bare'))
    return scenes
  })
}

export async function askEach(scenes: readonly Scene[]): Promise<[string, number, Reply][]> {
  const replies: [string, number, Reply][] = []
  for (const [index, endpoint] of guarded.entries()) {
    const scene = scenes[index]
    if (scene) replies.push([endpoint.operationId, endpoint.answer.status, await ask(endpoint, scene)])
  }
  return replies
}

export function expectDown(what: string, reply: Reply): void {
  expect([reply.status, codeOf(reply)], `${what} ${reply.text}`).toEqual([503, 'DATABASE_UNAVAILABLE'])
  expect(Number(reply.headers.get('Retry-After')), what).toBeGreaterThan(0)
}
