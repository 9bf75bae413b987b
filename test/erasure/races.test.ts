/** An erasure at every step of an export that names the person: its requester gets links to files, or one mail that says why not. */
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { call, createAction, createPlan, takeStep, USERS } from '../support/api.ts'
import { type Background, catchBackground, deliverExports } from '../support/background.ts'
import { sweep } from '../support/clock.ts'
import { askForExport, deliverExport, objectsOf, outliveLeases, readExport } from '../support/exports.ts'
import { createWorld, type World } from '../support/world.ts'
import { eraseUser } from './scene.ts'
import { HOME, home } from '../support/home.ts'

let background: Background

beforeEach(() => {
  background = catchBackground()
})

/** An export of marc's of a plan in which noa, who has left, did something. */
async function setScene() {
  const world = await createWorld()
  const { ana, noa, marc } = world
  const plan = await createPlan(ana, { visibility: 'PUBLIC' })
  const action = await createAction(ana, plan.id, { assigneeIds: [noa.id] })
  await takeStep(noa, action.id, 'COMPLETED')
  await call(ana, 'PATCH', `${USERS}/${noa.id}`, { body: { active: false } })
  return { world, naming: await askForExport(marc, plan.id) }
}

async function erase(world: World): Promise<void> {
  expect((await eraseUser(world, world.noa.id)).status).toBe(200)
}

/** The worker's environment, in which something happens before the n-th call to D1. */
function before(at: number, happen: () => Promise<void>) {
  const seen = { calls: 0 }
  const DB = new Proxy(home, {
    get: (target, name) =>
      name === 'batch'
        ? async (statements: D1PreparedStatement[]) => {
            seen.calls += 1
            if (seen.calls === at) await happen()
            return target.batch(statements)
          }
        : (Reflect.get(target, name) as () => unknown).bind(target),
  })
  return { seen, inEnv: { ...env, [HOME]: DB } }
}

/** All that queue and cron still do. */
async function settle(): Promise<void> {
  for (let run = 1; run <= 6; run += 1) {
    outliveLeases()
    await sweep()
    await deliverExports(background)
  }
}

type Naming = Awaited<ReturnType<typeof setScene>>['naming']

/** What its requester was told, which must be what the export says. */
async function endOf(naming: Naming): Promise<'links' | 'dead links' | 'failure'> {
  const { status, failure } = await readExport(naming)
  const told = background.mails.map(({ key }) => key)
  const files = (await objectsOf(naming)).length
  if (status === 'FAILED') {
    expect([told, failure?.code, files]).toEqual([[`${naming.id}-failed`], 'PERSON_ERASED', 0])
    return 'failure'
  }
  expect([told, failure]).toEqual([[naming.id], null])
  expect(files).toBe(status === 'SENT' ? 1 : 0)
  return status === 'SENT' ? 'links' : 'dead links'
}

describe('an erasure while an export is made', () => {
  it('before any call to D1 of its consumer leaves one end', { timeout: 60_000 }, async () => {
    const ends: string[] = []
    let calls = Number.POSITIVE_INFINITY
    for (let at = 1; at <= calls; at += 1) {
      const { world, naming } = await setScene()
      background.mails.length = 0
      const { seen, inEnv } = before(at, () => erase(world))
      await deliverExport(naming, 1, inEnv)
      calls = seen.calls
      const mailed = background.mails.length
      await settle()
      ends.push(await endOf(naming))
      // A link is dead where it was mailed before the erasure, and only there.
      if (ends.at(-1) === 'dead links') expect(mailed, `call ${String(at)}`).toBe(1)
    }
    expect(ends.join()).toMatch(/^(links,)+(failure,)+dead links$/)
  })

  it('while the mail with its links is under way lets it be sent, and then expire', async () => {
    const { world, naming } = await setScene()
    background.answerMail(async () => {
      background.answerMail(null)
      await erase(world)
      return Response.json({ id: 'taken' })
    })
    await deliverExport(naming)
    expect(await readExport(naming)).toMatchObject({ status: 'SENT', failure: null })
    expect(await objectsOf(naming)).toEqual([])
    await settle()
    expect(await readExport(naming)).toMatchObject({ status: 'EXPIRED', failure: null })
    expect(background.mails).toEqual([])
  })

  it('between two tries of that mail fails it, and its requester is told', async () => {
    const { world, naming } = await setScene()
    background.answerMail(() => new Response('', { status: 503 }))
    await deliverExport(naming)
    expect(await readExport(naming)).toMatchObject({ status: 'STORED' })
    background.answerMail(null)
    await erase(world)
    await settle()
    expect(await endOf(naming)).toBe('failure')
  })

  it('while a try of that mail is under way that fails, tells its requester', async () => {
    const { world, naming } = await setScene()
    background.answerMail(async () => {
      background.answerMail(null)
      await erase(world)
      return new Response('', { status: 503 })
    })
    await deliverExport(naming)
    outliveLeases()
    await deliverExport(naming, 2)
    expect(await endOf(naming)).toBe('failure')
    await settle()
    expect(await endOf(naming)).toBe('failure')
  })
})
