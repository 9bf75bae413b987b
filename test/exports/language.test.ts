/** In which language mails and workbooks are. */
import { beforeEach, describe, expect, it } from 'vitest'
import { call, COMPANY, createAction, createPlan, ME, USERS } from '../support/api.ts'
import { type Background, catchBackground, deliverExports } from '../support/background.ts'
import { askForExport, buryExport, workbookOf } from '../support/exports.ts'
import { askForCode, forgetCodes, receiveCode, storedCodes } from '../support/sign-in.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let background: Background

beforeEach(async () => {
  world = await createWorld()
  background = catchBackground()
  await forgetCodes()
})

type Language = 'en' | 'es' | null

const CASES: [Language, Language, string | null, 'en' | 'es'][] = [
  [null, null, null, 'en'],
  ['es', null, null, 'es'],
  ['es', null, 'fr', 'es'],
  ['es', null, 'en', 'en'],
  [null, null, 'fr, es;q=0.5', 'es'],
  ['es', 'en', 'es', 'en'],
  [null, 'es', 'en', 'es'],
]

async function choose(company: Language, own: Language): Promise<void> {
  if (company) await call(world.ana, 'PATCH', COMPANY, { body: { language: company } })
  if (own) await call(world.marc, 'PATCH', ME, { body: { language: own } })
}

const headersOf = (accepted: string | null): Record<string, string> =>
  accepted === null ? {} : { 'Accept-Language': accepted }

describe.each(CASES)(
  'in a company in %s, of somebody with %s who accepts %s,',
  (company, own, accepted, language) => {
    it(`the export and its mail are in ${language}`, async () => {
      await choose(company, own)
      const plan = await createPlan(world.marc, { title: 'Plan' })
      await createAction(world.marc, plan.id)
      const asked = await askForExport(world.marc, plan.id, headersOf(accepted))
      await deliverExports(background)
      expect(background.mails[0]?.html).toContain(`<html lang="${language}">`)
      const [summary] = (await workbookOf(asked)).worksheets
      expect(summary?.name).toBe(language === 'es' ? 'Resumen' : 'Summary')
    })

    it(`the mail with a code is in ${language}`, async () => {
      await choose(company, own)
      await askForCode(world.marc.email, headersOf(accepted))
      await receiveCode(background)
      expect(background.mails[0]?.html).toContain(`<html lang="${language}">`)
    })
  },
)

describe('the language of an export', () => {
  it('is that of the request, whatever is chosen later, also when it fails', async () => {
    await choose('es', null)
    const plan = await createPlan(world.marc)
    const asked = await askForExport(world.marc, plan.id)
    await choose('en', 'en')
    await buryExport(asked)
    await deliverExports(background)
    expect(background.mails.map(({ subject }) => subject)).toEqual([
      'Plan de acción «A plan»: exportación fallida',
    ])
  })
})

describe('a mail with a code', () => {
  it('names company and person as they were when it was asked for', async () => {
    await call(world.ana, 'PATCH', COMPANY, { body: { name: 'Old name' } })
    background.answerMail(() => new Response('', { status: 503 }))
    await askForCode(world.noa.email)
    const [message] = background.codes
    await receiveCode(background)
    await call(world.ana, 'PATCH', COMPANY, { body: { name: 'New name' } })
    await call(world.ana, 'PATCH', `${USERS}/${world.noa.id}`, { body: { name: 'Nóa' } })
    background.answerMail(null)
    background.codes.push(message)
    await receiveCode(background)
    expect(background.mails[0]?.text).toContain('Hello Noa,')
    expect(background.mails[0]?.text).toContain('Old name')
    expect(new Set(background.tries.map(({ body }) => body)).size).toBe(1)
  })

  it('to a stranger keeps no name, and is in the language that is accepted', async () => {
    await askForCode('stranger@example.test', headersOf('es'))
    await askForCode('stranger@example.test', headersOf('fr'))
    expect(await storedCodes()).toMatchObject([
      { userId: null, userName: null, companyName: null, locale: 'es' },
      { userId: null, userName: null, companyName: null, locale: 'en' },
    ])
  })
})
