import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { companies, exports, linkMails, users } from '../../src/db/schema.ts'
import { WORKBOOK_TYPE } from '../../src/exports/files.ts'
import { call, codeOf, PLANS, type Reply, USERS } from '../support/api.ts'
import { type Background, catchBackground, deliver, deliverExports } from '../support/background.ts'
import { HOUR, letPass, MINUTE, sweep } from '../support/clock.ts'
import { type AskedExport, mailedLinks, objectsOf, sendExportOf } from '../support/exports.ts'
import { SOON_SECONDS } from '../support/queues.ts'
import { createWorld, type Person, type World } from '../support/world.ts'
import { HOME, home } from '../support/home.ts'

const DAY = 24 * HOUR
/** The contract: how many of these mails a user may get in a day. */
const MOST_A_DAY = 10
/** No later try: the provider would no longer drop a second mail as a duplicate. */
const GIVEN_UP_AFTER = 20 * HOUR
const LINK_LIFETIME = Number(env.EXPORT_LINK_TTL_SECONDS) * 1000
const BROWSER = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

const database = drizzle(home)

let world: World
let background: Background
let asked: AskedExport & { link: string }

beforeEach(async () => {
  // A sweep takes up what other tests have left.
  await database.delete(linkMails)
  world = await createWorld()
  background = catchBackground()
  // A plan of ana's that noa, who exports it, may read.
  const plan = await call<{ id: string }>(world.ana, 'POST', PLANS, {
    body: { title: 'Quieter mornings', visibility: 'PUBLIC' },
  })
  asked = await exportOf(world.noa, plan.body.id)
  background.mails.length = 0
})

async function exportOf(requester: Person, planId: string): Promise<AskedExport & { link: string }> {
  const reply = await call(requester, 'POST', `${PLANS}/${planId}/excel`)
  const location = reply.headers.get('Location') ?? ''
  const id = location.split('/').at(-1) ?? ''
  await deliverExports(background)
  const message = { companyId: requester.companyId, exportId: id, database: HOME } as const
  return { id, location, requester, message, link: mailedLinks(background)[0] ?? '' }
}

const expire = () => {
  letPass(LINK_LIFETIME + 1000)
}

/** Presses the button, as somebody does who has no session. */
function press(link = asked.link, headers: Record<string, string> = {}): Promise<Reply> {
  return call(null, 'POST', link, {
    body: '',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...BROWSER, ...headers },
  })
}

/** Presses, and lets the queue deliver. */
async function pressAndDeliver(link = asked.link): Promise<Reply> {
  const reply = await press(link)
  await deliverExports(background)
  return reply
}

const planIdOf = async () =>
  (await call<{ planId: string }>(asked.requester, 'GET', asked.location)).body.planId

const rows = () => database.select().from(linkMails).where(eq(linkMails.exportId, asked.id))

describe('the page of an expired link', () => {
  beforeEach(expire)

  const open = (headers: Record<string, string> = {}) =>
    call(null, 'GET', asked.link, { headers: { ...BROWSER, ...headers } })

  it('has a button that posts to its own address, and only there', async () => {
    const page = await open()
    expect([page.status, page.headers.get('Content-Type')]).toEqual([410, 'text/html; charset=utf-8'])
    expect(page.text).toMatch(/<form method="post">\s*<button type="submit">Send me a new link<\/button>/)
    expect(page.headers.get('Content-Security-Policy')).toContain("form-action 'self'")
    expect(page.headers.get('Cache-Control')).toBe('private, no-store')
    expect(page.headers.get('Referrer-Policy')).toBe('no-referrer')
  })

  it('is Spanish for who prefers that', async () => {
    const page = await open({ 'Accept-Language': 'es-ES,es;q=0.9,en;q=0.8' })
    expect(page.text).toContain('<html lang="es">')
    expect(page.text).toContain('Enviarme un enlace nuevo')
  })

  it('has no button when no file is there any more', async () => {
    await env.FILES.delete((await objectsOf(asked)).map(({ key }) => key))
    const page = await open()
    expect(page.status).toBe(410)
    expect(page.text).not.toContain('<form')
    expect(page.headers.get('Content-Security-Policy')).toContain("form-action 'none'")
  })

  it('has no button once the time to keep the files is over, whether or not a sweep has deleted them', async () => {
    letPass(Number(env.EXPORT_RETENTION_DAYS) * DAY)
    expect(await objectsOf(asked)).toHaveLength(1)
    const page = await open()
    expect(page.status).toBe(410)
    expect(page.text).not.toContain('<form')
  })

  it('stands there for links of a deleted plan too', async () => {
    await call(world.ana, 'DELETE', `${PLANS}/${await planIdOf()}`)
    expect((await open()).text).toContain('<form')
  })

  it('mails nothing by being looked at', async () => {
    await open()
    await call(null, 'HEAD', asked.link, { headers: BROWSER })
    expect([await rows(), background.exports]).toEqual([[], []])
  })

  it('is a problem for who is no browser', async () => {
    const reply = await call(null, 'GET', asked.link)
    expect([reply.status, codeOf(reply)]).toEqual([410, 'LINK_EXPIRED'])
  })
})

describe('the button', () => {
  it('mails the requester a link that works again, with a key of its own', async () => {
    const [first] = background.tries
    expire()
    expect((await call(null, 'GET', asked.link)).status).toBe(410)
    expect((await pressAndDeliver()).status).toBe(200)
    expect(background.mails.map(({ to }) => to)).toEqual([[world.noa.email]])
    expect(background.mails[0]?.key).not.toBe(first?.key)
    expect(background.mails[0]?.subject).toContain('Quieter mornings')
    const [fresh = ''] = mailedLinks(background)
    expect(fresh).not.toBe(asked.link)
    const file = await call(null, 'GET', fresh)
    expect([file.status, file.headers.get('Content-Type')]).toEqual([200, WORKBOOK_TYPE])
  })

  it('mails a link that ends with its lifetime, or with the files', async () => {
    letPass(Number(env.EXPORT_RETENTION_DAYS) * DAY - HOUR)
    await pressAndDeliver()
    const [fresh = ''] = mailedLinks(background)
    const [{ expiresAt } = { expiresAt: 0 }] = await database
      .select({ expiresAt: exports.expiresAt })
      .from(exports)
      .where(eq(exports.id, asked.id))
    expect(/expires=(\d+)/.exec(fresh)?.[1]).toBe(String(Math.floor((expiresAt ?? 0) / 1000)))
  })

  it('works before the link has expired as well', async () => {
    expect((await pressAndDeliver()).status).toBe(200)
    expect(background.mails).toHaveLength(1)
  })

  it.each<[string | null, string | null, string, string]>([
    ['es', 'en', 'en', 'es'],
    [null, 'es-ES,en;q=0.5', 'en', 'es'],
    [null, null, 'es', 'es'],
    [null, 'fr', 'es', 'es'],
    [null, 'en', 'es', 'en'],
  ])(
    'mails a person of language %s, asked for in %s, in a company of language %s, in %s',
    async (own, header, companys, language) => {
      await database
        .update(users)
        .set({ language: own as 'es' | null })
        .where(eq(users.id, world.noa.id))
      await database
        .update(companies)
        .set({ language: companys as 'en' | 'es' })
        .where(eq(companies.id, world.companyId))
      await press(asked.link, header === null ? {} : { 'Accept-Language': header })
      await deliverExports(background)
      expect(background.mails[0]?.html).toContain(`<html lang="${language}"`)
    },
  )

  it('mails every file of an export', async () => {
    await home
      .prepare(
        `INSERT INTO export_files (export_id, position, name, bytes, sha256) VALUES (?, 2, 'second.xlsx', 1, 'x')`,
      )
      .bind(asked.id)
      .run()
    await pressAndDeliver()
    expect(mailedLinks(background).map((link) => link.split('?')[0]?.split('/').at(-1))).toEqual([
      'quieter-mornings.xlsx',
      'second.xlsx',
    ])
  })

  it.each([
    ['no body', {}],
    ['a form', { body: 'any=thing', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }],
    ['JSON', { body: { to: 'me@example.test' } }],
    ['bytes', { body: 'x', headers: { 'Content-Type': 'application/octet-stream' } }],
  ])('takes %s', async (_, options) => {
    expire()
    expect((await call(null, 'POST', asked.link, options)).status).toBe(200)
    await deliverExports(background)
    expect(background.mails.map(({ to }) => to)).toEqual([[world.noa.email]])
  })

  it('takes no more than any body may have', async () => {
    const reply = await call(null, 'POST', asked.link, { body: 'x'.repeat(102_401) })
    expect([reply.status, codeOf(reply)]).toEqual([413, 'BODY_TOO_LARGE'])
    expect(await rows()).toEqual([])
  })

  it('is one of the methods of the address', async () => {
    const { status, headers } = await call(null, 'OPTIONS', asked.link)
    expect([status, headers.get('Allow')]).toEqual([204, 'GET, HEAD, POST, OPTIONS'])
    expect((await call(null, 'PUT', asked.link)).status).toBe(405)
  })
})

describe('a link that is not genuine', () => {
  const bend = () => asked.link.replace(/.$/, (last) => (last === '0' ? '1' : '0'))

  it('mails nothing: a page for browsers', async () => {
    const reply = await press(bend())
    expect([reply.status, reply.headers.get('Content-Type')]).toEqual([403, 'text/html; charset=utf-8'])
    expect(reply.text).not.toContain('<form')
    expect([await rows(), background.exports]).toEqual([[], []])
  })

  it('mails nothing: a problem for others', async () => {
    const reply = await call(null, 'POST', `${asked.link}&x=1`)
    expect([reply.status, codeOf(reply)]).toEqual([403, 'LINK_REFUSED'])
    expect([await rows(), background.exports]).toEqual([[], []])
  })
})

describe('the limits', () => {
  it('are one mail an hour for an export', async () => {
    for (const pressed of [0, 59 * MINUTE]) {
      letPass(pressed)
      await pressAndDeliver()
    }
    expect(background.mails).toHaveLength(1)
    letPass(2 * MINUTE)
    await pressAndDeliver()
    expect(background.mails).toHaveLength(2)
  })

  it('let one of many who press at once through', async () => {
    const replies = await Promise.all(Array.from({ length: 8 }, () => press()))
    await deliverExports(background)
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
    expect([(await rows()).length, background.mails.length]).toEqual([1, 1])
  })

  it('count the hour from when the mail went out', async () => {
    background.answerMail(() => new Response('', { status: 503 }))
    await press()
    const [message] = background.exports.splice(0)
    await deliver(env.EXPORTS_QUEUE, message)
    letPass(2 * HOUR)
    background.answerMail(null)
    // Still owed, so that there is none besides.
    await press()
    expect(await rows()).toHaveLength(1)
    await deliver(env.EXPORTS_QUEUE, message, 2)
    letPass(59 * MINUTE)
    await press()
    expect(await rows()).toHaveLength(1)
    letPass(2 * MINUTE)
    await press()
    expect(await rows()).toHaveLength(2)
  })

  it('are ten a day for a user, over all exports', async () => {
    const planId = await planIdOf()
    const links = [asked.link]
    while (links.length <= MOST_A_DAY + 1) links.push((await exportOf(world.noa, planId)).link)
    background.mails.length = 0
    const ofMarc = await exportOf(world.marc, planId)
    background.mails.length = 0
    const last = links.pop()
    for (const link of links) expect((await pressAndDeliver(link)).status).toBe(200)
    expect(background.mails).toHaveLength(MOST_A_DAY)
    await pressAndDeliver(ofMarc.link)
    expect(background.mails.at(-1)?.to).toEqual([world.marc.email])
    letPass(DAY + MINUTE)
    await pressAndDeliver(last)
    expect(background.mails).toHaveLength(MOST_A_DAY + 2)
  })
})

/** What takes the right to a fresh link away. */
const LOSSES: [string, () => Promise<unknown>][] = [
  [
    'was deactivated',
    () => call(world.ana, 'PATCH', `${USERS}/${world.noa.id}`, { body: { active: false } }),
  ],
  [
    'is no manager any more',
    () => call(world.ana, 'PATCH', `${USERS}/${world.noa.id}`, { body: { role: 'EMPLOYEE' } }),
  ],
  [
    'may not read the plan any more',
    async () => call(world.ana, 'PATCH', `${PLANS}/${await planIdOf()}`, { body: { visibility: 'PRIVATE' } }),
  ],
]

describe('a requester', () => {
  it.each(LOSSES)('who %s gets no mail', async (_, lose) => {
    await lose()
    expect((await pressAndDeliver()).status).toBe(200)
    expect([await rows(), background.tries.length]).toEqual([[], 1])
  })

  it.each(LOSSES)('who %s by the time of the mail gets none, and none later', async (_, lose) => {
    await press()
    await lose()
    await deliverExports(background)
    letPass(MINUTE)
    await sweep()
    expect([background.mails, background.exports]).toEqual([[], []])
  })

  it('gets the mail also when the plan has been deleted', async () => {
    await call(world.ana, 'DELETE', `${PLANS}/${await planIdOf()}`)
    await pressAndDeliver()
    expect(background.mails.map(({ to }) => to)).toEqual([[world.noa.email]])
    const [fresh = ''] = mailedLinks(background)
    const file = await call(null, 'GET', fresh)
    expect([file.status, file.headers.get('Content-Type')]).toEqual([200, WORKBOOK_TYPE])
  })

  it('who had no mail of the export at all, since the provider refused it, gets one', async () => {
    background.answerMail(() => new Response('', { status: 422 }))
    const { link, location } = await sendExportOf(world.marc, background)
    expect(link).toBe('')
    background.answerMail(null)
    const { body } = await call<{ links: { url: string }[] }>(world.marc, 'POST', `${location}/links`)
    const { pathname, search } = new URL(body.links[0]?.url ?? '')
    await pressAndDeliver(pathname + search)
    expect(background.mails.map(({ to }) => to)).toEqual([[world.marc.email]])
  })
})

describe('the answer to a genuine link', () => {
  const answerOf = async () => {
    const { status, text, headers } = await press()
    const kept = [...headers].filter(([name]) => !['x-request-id', 'date'].includes(name))
    return { status, text, headers: kept }
  }

  it.each<[string, () => unknown]>([
    ['expired', expire],
    ['within the hour of another', () => press()],
    [
      'of an export whose files are gone',
      async () => {
        letPass(Number(env.EXPORT_RETENTION_DAYS) * DAY + MINUTE)
      },
    ],
    ['of an export that nothing is known of any more', () => database.delete(exports)],
    ['while the queue takes no message', () => vi.spyOn(env.EXPORTS, 'send').mockRejectedValue(new Error())],
    ...LOSSES.map(([why, lose]): [string, () => unknown] => [`of a requester who ${why}`, lose]),
  ])('%s is the same as to any other', async (_, prepare) => {
    const usual = await answerOf()
    await database.delete(linkMails)
    await prepare()
    expect(await answerOf()).toEqual(usual)
    expect(usual).toMatchObject({ status: 200 })
  })

  it('is kept nowhere, and its address is told to nobody', async () => {
    const { headers } = await press()
    expect(headers.get('Cache-Control')).toBe('private, no-store')
    expect(headers.get('Referrer-Policy')).toBe('no-referrer')
  })

  it('costs one batch to D1 and one message, whatever comes of it', async () => {
    const batch = vi.spyOn(home, 'batch')
    for (const times of [1, 2, 3]) {
      if (times === 3) letPass(Number(env.EXPORT_RETENTION_DAYS) * DAY + MINUTE)
      await press()
      expect([batch.mock.calls.length, background.exports.length]).toEqual([times, times])
    }
    expect(await rows()).toHaveLength(1)
  })
})

describe('a mail with fresh links', () => {
  const DOWN = () => new Response('', { status: 500 })
  let message: unknown

  beforeEach(async () => {
    await press()
    ;[message] = background.exports.splice(0)
    background.tries.length = 0
  })

  it('is owed with ids alone', () => {
    expect(Object.keys(message ?? {}).sort()).toEqual(['companyId', 'database', 'exportId', 'linkMailId'])
  })

  it('that the provider does not take is tried again soon, with the same bytes', async () => {
    background.answerMail(DOWN)
    const { acked, retryAfter } = await deliver(env.EXPORTS_QUEUE, message)
    expect([acked, (retryAfter ?? 0) <= SOON_SECONDS]).toEqual([false, true])
    letPass(HOUR)
    background.answerMail(null)
    await deliver(env.EXPORTS_QUEUE, message, 2)
    expect(new Set(background.tries.map(({ key, body }) => key + body)).size).toBe(1)
    expect([background.tries.length, background.mails.length]).toEqual([2, 1])
  })

  it('whose next try is to come is not sent by the sweep before', async () => {
    background.answerMail(() => new Response('', { status: 429, headers: { 'Retry-After': '300' } }))
    expect((await deliver(env.EXPORTS_QUEUE, message)).retryAfter).toBe(300)
    letPass(300_000)
    await sweep()
    expect(background.exports).toEqual([])
    letPass(MINUTE)
    await sweep()
    expect(background.exports).toEqual([message])
  })

  it('that the provider refuses is not tried again', async () => {
    background.answerMail(() => new Response('', { status: 422 }))
    expect((await deliver(env.EXPORTS_QUEUE, message)).acked).toBe(true)
    letPass(HOUR)
    await sweep()
    expect([background.exports, background.tries.length]).toEqual([[], 1])
  })

  it('waits while links would lead nowhere', async () => {
    // What a request leaves behind that came to a public host, while PUBLIC_URL is a local address.
    await env.SESSIONS.put('reached-from-outside', 'x')
    const { acked, retryAfter } = await deliver(env.EXPORTS_QUEUE, message)
    await env.SESSIONS.delete('reached-from-outside')
    expect([acked, background.tries.length]).toEqual([false, 0])
    letPass((retryAfter ?? 0) * 1000)
    await deliver(env.EXPORTS_QUEUE, message, 2)
    expect(background.mails).toHaveLength(1)
  })

  it('is sent once, however often its message comes', async () => {
    for (const attempt of [1, 2]) {
      expect((await deliver(env.EXPORTS_QUEUE, message, attempt)).acked).toBe(true)
    }
    expect(background.tries).toHaveLength(1)
  })

  it('whose message is lost is sent by the sweep', async () => {
    await sweep()
    expect(background.exports).toEqual([])
    letPass(MINUTE)
    await sweep()
    expect(background.exports).toEqual([message])
    await deliverExports(background)
    expect(background.mails).toHaveLength(1)
  })

  it('whose message no try could settle is given up', async () => {
    expect((await deliver(env.DEAD_LETTER_QUEUE, message)).acked).toBe(true)
    letPass(HOUR)
    await sweep()
    expect(background.exports).toEqual([])
    const [row] = await database.select({ status: exports.status }).from(exports)
    expect(row).toEqual({ status: 'SENT' })
  })

  it('is not tried when the provider may have forgotten the first try', async () => {
    letPass(GIVEN_UP_AFTER + MINUTE)
    expect((await deliver(env.EXPORTS_QUEUE, message)).acked).toBe(true)
    expect(background.tries).toEqual([])
  })

  it('is forgotten when it counts for no limit any more', async () => {
    await deliver(env.EXPORTS_QUEUE, message)
    letPass(DAY)
    await sweep()
    expect(await rows()).toHaveLength(1)
    letPass(DAY + MINUTE)
    await sweep()
    expect(await rows()).toEqual([])
  })

  it('goes with its export', async () => {
    await database.delete(exports).where(eq(exports.id, asked.id))
    expect(await rows()).toEqual([])
    expect((await deliver(env.EXPORTS_QUEUE, message)).acked).toBe(true)
    expect(background.tries).toEqual([])
  })

  it('of another company than its message says is none', async () => {
    const foreign = { ...(message as object), companyId: world.gus.companyId }
    expect((await deliver(env.EXPORTS_QUEUE, foreign)).acked).toBe(true)
    expect(background.tries).toEqual([])
  })
})
