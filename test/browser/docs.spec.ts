/** The interactive reference in a real browser, against `npm run dev` as a newcomer starts it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, describe, expect, it } from 'vitest'
import { newPlace, startService } from '../../scripts/killtest/service.ts'
import { launch, watch } from './chromium.ts'

interface Operation {
  operationId: string
  tags: string[]
}

const stateDir = await mkdtemp(join(tmpdir(), 'docs-'))
const service = await startService(await newPlace(stateDir), { RATE_LIMITS: 'off' })
const browser = await launch()
const operations = await readOperations()
/** They end the session that all others need. */
const ENDS = ['signOut', 'signOutEverywhere']

const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
const seen = watch(page, service.url)
await page.goto(`${service.url}/docs`)
await authorize(page, service.token)

afterAll(async () => {
  await browser.close()
  await service.kill()
  await rm(stateDir, { recursive: true })
})

async function readOperations(): Promise<Operation[]> {
  const response = await fetch(`${service.url}/openapi.json`)
  const { paths } = await response.json<{ paths: Record<string, Record<string, Operation>> }>()
  return Object.values(paths).flatMap((methods) => Object.values(methods))
}

/** Enters a session in the dialogue of Swagger UI, in place of the one before. */
async function authorize(on: Page, token: string): Promise<void> {
  await on.locator('.auth-wrapper .authorize').first().click()
  const dialogue = on.locator('.dialog-ux')
  const logout = dialogue.getByRole('button', { name: 'Remove authorization' })
  if ((await logout.count()) > 0) await logout.click()
  await dialogue.locator('input[type=text], input[type=password]').first().fill(token)
  // The first form is that of `SessionId`, the second that of `Authorization: Bearer`.
  await dialogue.locator('.auth-btn-wrapper .authorize').first().click()
  await dialogue.locator('.btn-done').first().click()
}

function blockOf(on: Page, { operationId, tags: [tag = ''] }: Operation) {
  return on.locator(`[id="operations-${tag.replaceAll(' ', '_')}-${operationId}"]`)
}

/** Opens the operation, presses Execute, and gives status and body of the answer. */
async function execute(on: Page, operation: Operation): Promise<{ status: number; body: string }> {
  const block = blockOf(on, operation)
  const control = block.locator('.opblock-summary-control')
  // After a reload, the operation that the address names is open already.
  if ((await control.getAttribute('aria-expanded')) === 'false') await control.click()
  await block.getByRole('button', { name: 'Execute' }).click()
  const answer = block.locator('.live-responses-table tbody .response').first()
  await answer.waitFor()
  const status = Number(
    await answer
      .locator('.response-col_status')
      .innerText()
      .then((text) => text.split('\n')[0]),
  )
  const body = await answer.locator('.response-col_description').innerText()
  await control.click()
  return { status, body }
}

function operationOf(operationId: string): Operation {
  const operation = operations.find((each) => each.operationId === operationId)
  if (!operation) throw new Error(`There is no ${operationId}`)
  return operation
}

describe('/docs', () => {
  let signedIn = ''

  it.each(
    operations
      .filter(({ operationId }) => !ENDS.includes(operationId))
      .map((each) => [each.operationId, each]),
  )('executes %s as pre-filled', async (operationId, operation) => {
    const { status, body } = await execute(page, operation)
    expect(status, body).toBeGreaterThanOrEqual(200)
    expect(status, body).toBeLessThan(300)
    if (operationId === 'signIn') signedIn = /"sessionId": "([^"]+)"/.exec(body)?.[1] ?? ''
  })

  it('lists what is there in the first list, as pre-filled', async () => {
    const { body } = await execute(page, operationOf('listActionPlans'))
    expect(Number(/"total": (\d+)/.exec(body)?.[1])).toBeGreaterThan(0)
  })

  it('keeps the session over a reload, in the storage of the tab alone', async () => {
    await page.reload()
    expect((await execute(page, operationOf('getMe'))).status).toBe(200)
    expect(await page.evaluate('localStorage.length')).toBe(0)
    const other = await browser.newPage()
    await other.goto(`${service.url}/docs`)
    await other.locator('.auth-wrapper .authorize.unlocked').first().waitFor()
    expect(await other.evaluate('sessionStorage.length')).toBe(0)
    await other.close()
  })

  it('forgets the session with its logout', async () => {
    const other = await browser.newPage()
    await other.goto(`${service.url}/docs`)
    await authorize(other, service.token)
    await other.locator('.auth-wrapper .authorize').first().click()
    await other.getByRole('button', { name: 'Remove authorization' }).click()
    await other.reload()
    await other.locator('.auth-wrapper .authorize.unlocked').first().waitFor()
    await other.close()
  })

  it.each(ENDS)('executes %s as pre-filled', async (operationId) => {
    expect((await execute(page, operationOf(operationId))).status).toBe(204)
    if (operationId === ENDS[0]) await authorize(page, signedIn)
  })

  it('showed no error, and loaded nothing from another host', () => {
    expect(seen).toEqual({ errors: [], foreign: [] })
  })

  it.each(['light', 'dark'] as const)('scrolls to no side at 390 px, %s', async (colorScheme) => {
    const narrow = await browser.newPage({ viewport: { width: 390, height: 844 }, colorScheme })
    await narrow.goto(`${service.url}/docs`)
    await narrow.locator('.opblock').first().waitFor()
    for (const operationId of ['listActions', 'createAction', 'updateAction'])
      await blockOf(narrow, operationOf(operationId)).locator('.opblock-summary-control').click()
    expect(await narrow.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
    expect(await narrow.evaluate('document.documentElement.classList.contains("dark-mode")')).toBe(
      colorScheme === 'dark',
    )
    await narrow.close()
  })
})
