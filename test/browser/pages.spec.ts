/** The pages for people in a real browser: what axe finds, and how they fit a phone, light and dark. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, describe, expect, it } from 'vitest'
import { call, newPlace, startService } from '../../scripts/killtest/service.ts'
import { launch, watch } from './chromium.ts'

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const stateDir = await mkdtemp(join(tmpdir(), 'pages-'))
const service = await startService(await newPlace(stateDir), {
  RATE_LIMITS: 'off',
  EXPORT_LINK_TTL_SECONDS: '1',
})
const browser = await launch()
const expired = await expiredLink()

afterAll(async () => {
  await browser.close()
  await service.kill()
  await rm(stateDir, { recursive: true })
})

interface Sent {
  id: string
  text: string
}

async function mails(): Promise<Sent[]> {
  return (await fetch(`${service.mailboxUrl}/emails`)).json<Sent[]>()
}

/** The link of an export whose files are kept, past its end. */
async function expiredLink(): Promise<string> {
  const plans = await call<{ result: { id: string }[] }>(service, 'GET', '/api/v1/company/action-plans')
  const path = `/api/v1/company/action-plans/${plans.body.result[0]?.id ?? ''}/excel`
  expect((await call(service, 'POST', path)).status).toBe(200)
  for (;;) {
    const link = (await mails()).flatMap(({ text }) => /http\S+\/downloads\/\S+/.exec(text) ?? [])[0]
    if (link === undefined) await sleep(200)
    else if ((await fetch(link)).status === 410) return link
    else await sleep(500)
  }
}

/** Where each page is. */
const PAGES: [string, () => Promise<string> | string, ((page: Page) => Promise<unknown>)?][] = [
  ['the start, in English', () => `${service.url}/`],
  ['the start, in Spanish', () => `${service.url}/?lang=es`],
  ['a link that is refused', () => `${service.url}/api/v1/downloads/x/y`],
  ['a link that has expired', () => expired],
  [
    'a fresh link that was asked for',
    () => expired,
    async (page) => {
      await page.getByRole('button').click()
      await page.getByRole('button').waitFor({ state: 'detached' })
    },
  ],
  ['the mailbox', () => `${service.mailboxUrl}/`],
  ['a mail in the mailbox', async () => `${service.mailboxUrl}/messages/${(await mails())[0]?.id ?? ''}`],
]

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  it.each(PAGES)('%s has no finding, and fits 390 px', async (_, address, act) => {
    const url = await address()
    const page = await browser.newPage({ colorScheme, viewport: { width: 390, height: 844 } })
    const seen = watch(page, new URL(url).origin)
    await page.goto(url)
    await act?.(page)
    await page.evaluate(axe)
    const { violations } = await page.evaluate<AxeResults>('axe.run(document)')
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
    // A refusal is an answer with an error's status, which the console shows.
    const errors = seen.errors.filter((text) => !/status of (403|410)/.test(text))
    expect({ ...seen, errors }).toEqual({ errors: [], foreign: [] })
    await page.close()
  })
})
