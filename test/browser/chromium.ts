/** Headless Chromium of the system, quiet and without a look outside. */
import { type Browser, chromium, type Page } from 'playwright-core'

export async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  })
}

/** What went wrong on a page, or left its host; grows while the page is used. */
export interface Watch {
  errors: string[]
  foreign: string[]
}

export function watch(page: Page, origin: string): Watch {
  const seen: Watch = { errors: [], foreign: [] }
  page.on('console', (message) => {
    if (message.type() === 'error') seen.errors.push(`${message.text()} ${message.location().url}`)
  })
  page.on('pageerror', (error) => seen.errors.push(error.message))
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${origin}/`) && !/^(data|blob):/.test(url)) seen.foreign.push(url)
  })
  return seen
}
