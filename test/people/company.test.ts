import { beforeEach, describe, expect, it } from 'vitest'
import { call, COMPANY, namedPaths } from '../support/api.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})

describe('the company', () => {
  const change = { body: { name: ' Acme ', timeZone: 'America/Bogota' } }

  it('is read by a MANAGER', async () => {
    const { body } = await call(world.noa, 'GET', COMPANY)
    expect(body).toEqual({ id: world.companyId, name: body.name, timeZone: 'Europe/Madrid' })
  })

  it('is changed by an ADMIN', async () => {
    const after = await call(world.ana, 'PATCH', COMPANY, change)
    expect(after.body).toEqual({ id: world.companyId, name: 'Acme', timeZone: 'America/Bogota' })
    expect((await call(world.noa, 'GET', COMPANY)).body).toEqual(after.body)
  })

  it('is not changed by a MANAGER', async () => {
    expect((await call(world.noa, 'PATCH', COMPANY, change)).status).toBe(403)
  })

  it.each(['Mars/Base', '+01:00', '', 7])('has no time zone %j', async (timeZone) => {
    const bad = await call(world.ana, 'PATCH', COMPANY, { body: { timeZone, name: '' } })
    expect([bad.status, namedPaths(bad).sort()]).toEqual([400, ['name', 'timeZone']])
  })
})
