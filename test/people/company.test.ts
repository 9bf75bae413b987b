import { beforeEach, describe, expect, it } from 'vitest'
import { call, COMPANY, namedPaths, tagOf } from '../support/api.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})

describe('the company', () => {
  const change = {
    body: { name: ' Acme ', timeZone: 'America/Bogota', language: 'es', accentColor: '#7C2D12' },
  }

  it('is read by a MANAGER', async () => {
    const { body } = await call(world.noa, 'GET', COMPANY)
    expect(body).toEqual({
      ...{ id: world.companyId, name: body.name },
      ...{ timeZone: 'Europe/Madrid', language: 'en', accentColor: '#1d4ed8' },
    })
  })

  it('is changed by an ADMIN', async () => {
    const after = await call(world.ana, 'PATCH', COMPANY, change)
    expect(after.body).toEqual({
      ...{ id: world.companyId, name: 'Acme' },
      ...{ timeZone: 'America/Bogota', language: 'es', accentColor: '#7c2d12' },
    })
    expect((await call(world.noa, 'GET', COMPANY)).body).toEqual(after.body)
  })

  it('has another entity tag in another language, and keeps what is null', async () => {
    const before = await tagOf(world.ana, COMPANY)
    await call(world.ana, 'PATCH', COMPANY, { body: { language: 'es', accentColor: '#7C2D12' } })
    expect(await tagOf(world.ana, COMPANY)).not.toBe(before)
    const { body } = await call(world.ana, 'PATCH', COMPANY, { body: { language: null } })
    expect(body.language).toBe('es')
  })

  it('keeps a colour on which white text can be read', async () => {
    // Contrast with white: 4.54 and 4.48.
    const good = await call(world.ana, 'PATCH', COMPANY, { body: { accentColor: '#767676' } })
    expect(good.body.accentColor).toBe('#767676')
    const bad = await call(world.ana, 'PATCH', COMPANY, { body: { accentColor: '#777777' } })
    expect(bad.status).toBe(400)
    expect(bad.body.errors).toMatchObject([{ path: 'accentColor' }])
  })

  it.each(['#fff', '1d4ed8', '#1d4ed8ff', 'navy', '', 7])('has no colour %j', async (accentColor) => {
    const bad = await call(world.ana, 'PATCH', COMPANY, { body: { accentColor } })
    expect(bad.status).toBe(400)
    expect(bad.body.errors).toMatchObject([{ path: 'accentColor' }])
  })

  it.each(['ca', '', 'EN', 7])('has no language %j', async (language) => {
    const bad = await call(world.ana, 'PATCH', COMPANY, { body: { language } })
    expect([bad.status, namedPaths(bad)]).toEqual([400, ['language']])
  })

  it('is not changed by a MANAGER', async () => {
    expect((await call(world.noa, 'PATCH', COMPANY, change)).status).toBe(403)
  })

  it.each(['Mars/Base', '+01:00', '', 7])('has no time zone %j', async (timeZone) => {
    const bad = await call(world.ana, 'PATCH', COMPANY, { body: { timeZone, name: '' } })
    expect([bad.status, namedPaths(bad).sort()]).toEqual([400, ['name', 'timeZone']])
  })
})
