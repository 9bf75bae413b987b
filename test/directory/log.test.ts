/** With several databases, the log tells in which one the company of a request or a job is. */
import { beforeEach, expect, it } from 'vitest'
import { call, createPlan, ME } from '../support/api.ts'
import { type Background, catchBackground, deliverExports } from '../support/background.ts'
import { openCalendar } from '../support/calendars.ts'
import { askForExport } from '../support/exports.ts'
import { livingIn } from '../support/home.ts'
import { lineOf, logged } from '../support/log.ts'
import { mailedCode, SESSIONS } from '../support/sign-in.ts'
import { createWorld } from '../support/world.ts'

let background: Background

beforeEach(() => {
  background = catchBackground()
})

const databaseOf = ({ headers }: { headers: Headers }) =>
  lineOf(headers.get('X-Request-Id'))?.database ?? null

it.each(['DB', 'DB_2', 'DB_3'] as const)('requests and jobs of a company in %s name it', async (name) => {
  await livingIn(name, async () => {
    const { marc, noa } = await createWorld()
    expect(databaseOf(await call(marc, 'GET', ME))).toBe(name)
    expect(databaseOf(await call(marc, 'PATCH', ME, { body: { reminders: false } }))).toBe(name)
    expect(databaseOf(await call(marc, 'GET', `${ME}/nothing`))).toBe(null)
    expect(databaseOf(await call(null, 'GET', await openCalendar(marc)))).toBe(name)
    const code = await mailedCode(background, noa.email)
    const signedIn = await call(null, 'POST', SESSIONS, { body: { email: noa.email, code } })
    expect([signedIn.status, databaseOf(signedIn)]).toEqual([200, name])
    const start = logged.length
    await askForExport(marc, (await createPlan(marc)).id)
    await deliverExports(background)
    const lines = logged.slice(start).map((line) => JSON.parse(line) as Record<string, unknown>)
    const steps = lines.filter(({ kind }) => kind === 'step')
    expect(steps.length).toBeGreaterThan(0)
    for (const step of steps) expect(step).toMatchObject({ database: name })
  })
})

it('requests of nobody name none', async () => {
  for (const path of ['/healthz', ME, '/api/v1/nothing'])
    expect(databaseOf(await call(null, 'GET', path))).toBe(null)
})
