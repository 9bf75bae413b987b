import { describe, expect, it } from 'vitest'
import { failureMail, linkMail, type LinkMailFacts } from '../../src/exports/email.ts'

const HOUR = 3_600_000

function facts(further: Partial<LinkMailFacts> = {}): LinkMailFacts {
  return {
    exportId: 'e',
    to: 'a@b.c',
    locale: 'en',
    companyName: 'Acme',
    accentColor: null,
    name: 'Ana',
    timeZone: 'Europe/Madrid',
    planTitle: 'Quieter mornings',
    completionPercent: 45,
    actionCount: 12,
    overdueCount: 3,
    hasHiddenActions: false,
    files: [{ name: 'quieter-mornings.xlsx', bytes: 48_213, url: 'https://x.test/one' }],
    linkExpiresAt: Date.UTC(2026, 10, 27, 17, 19),
    filesExpireAt: Date.UTC(2026, 11, 3, 17, 19),
    ...further,
  }
}

const mailOf = (further: Partial<LinkMailFacts> = {}) => linkMail(facts(further))
const twoFiles = [
  { name: 'a-1-of-2.xlsx', bytes: 2_000_000, url: 'https://x.test/one' },
  { name: 'a-2-of-2.xlsx', bytes: 340_000, url: 'https://x.test/two' },
]

describe('the subject and text of a mail', () => {
  it('are turned round by no control character of the title, which turns only itself round', () => {
    const { subject, text, html } = mailOf({ planTitle: 'a\u202eb\u2069c\u2067d' })
    const whole = '\u2068a\u202ebc\u2067d\u2069\u2069'
    expect(subject).toBe(`Action plan “${whole}” in Excel`)
    expect(text).toContain(`“${whole}”`)
    expect(html).toContain('“<bdi>a\u202ebc\u2067d\u2069</bdi>”')
  })

  it('isolate a title whose letters run from right to left', () => {
    expect(mailOf({ planTitle: 'שלום' }).subject).toContain('\u2068שלום\u2069')
  })

  it('leave a title alone whose letters run from left to right', () => {
    const { subject, html } = mailOf({ planTitle: 'Zoë & 計画' })
    expect(subject).toBe('Action plan “Zoë & 計画” in Excel')
    expect(html).toContain('“<bdi>Zoë &amp; 計画</bdi>”')
  })

  it('cut a long title in the subject alone', () => {
    const planTitle = 'word '.repeat(40).trim()
    const { subject, text } = mailOf({ planTitle })
    expect(subject.length).toBeLessThan(90)
    expect(subject).toMatch(/“word( word)+…” in Excel$/)
    expect(text).toContain(`“${planTitle}”`)
  })
})

describe('the mail with a link', () => {
  it('names company and person, the state of the plan, and what the workbook holds', () => {
    const { text } = mailOf()
    expect(text).toBe(`Hello Ana,

The Excel export of the action plan “Quieter mornings” is ready.

Completion: 45%
Overdue: 3 of 12
Contents: A summary and one sheet for each of the 12 actions that you may read
Size: 48 kB

quieter-mornings.xlsx (48 kB)
https://x.test/one

The link works until Friday, 27 November 2026 at 18:19 (Central European Standard Time). Whoever has it can open the file, so pass it on with care.

If the link has expired, open it all the same: until 3 December 2026 at 18:19 its page can send you a new one. After that, export the plan again.

-- 
Acme
You receive this e-mail because you asked for this export.
`)
  })

  it('speaks Spanish', () => {
    const { subject, text } = mailOf({ locale: 'es' })
    expect(subject).toBe('Plan de acción «Quieter mornings» en Excel')
    expect(text).toContain('Hola, Ana:')
    expect(text).toContain('plan de acción «Quieter mornings»')
    expect(text).toContain('Con retraso: 3 de 12')
    expect(text).toContain('hasta el viernes, 27 de noviembre de 2026')
    expect(text).not.toMatch(/\b(the|link|until|export of)\b/)
  })

  it('says in the preheader how the plan stands, and until when the link works', () => {
    const preheader = /display:none[^>]*>([^<&]*)/.exec(mailOf().html)?.[1]
    expect(preheader).toContain('45% completed, 3 overdue. The link works until Friday, 27 November 2026')
  })

  it('has a button for each of several files, and speaks of them as several', () => {
    const { text, html } = mailOf({ files: twoFiles })
    expect(html.match(/href="[^"]*"/g)).toEqual(['href="https://x.test/one"', 'href="https://x.test/two"'])
    expect(html).toContain('Download file 2 of 2')
    expect(text).toContain('Size: 2.3 MB in 2 files')
    expect(text).toContain('The links work until')
    expect(text).toContain('Whoever has them')
    expect(text).not.toContain('The link works')
  })

  it.each([
    [1, 'one sheet for the one action'],
    [0, 'there are no actions that you may read'],
    [1234, 'each of the 1,234 actions'],
  ])('counts %i readable actions in words', (actionCount, words) => {
    expect(mailOf({ actionCount, overdueCount: 0 }).text).toContain(words)
  })

  it.each([
    [0, 'Overdue: none'],
    [12, 'Overdue: 12 of 12'],
  ])('tells of %i overdue actions', (overdueCount, words) => {
    expect(mailOf({ overdueCount }).text).toContain(words)
  })

  it('tells nothing of overdue actions where nobody counted them', () => {
    const { text, html } = mailOf({ overdueCount: null })
    expect(`${text}${html}`).not.toMatch(/overdue/i)
  })

  it('says that hidden actions count too, where there are some', () => {
    const sentence = 'Actions that you may not read count towards the percentage too.'
    expect(mailOf().text).not.toContain(sentence)
    expect(mailOf({ hasHiddenActions: true }).text).toContain(sentence)
  })

  it('sends to a new export at once where the files go together with the link', () => {
    const { linkExpiresAt } = facts()
    const { text } = mailOf({ filesExpireAt: linkExpiresAt + 999 })
    expect(text).not.toContain('open it all the same')
    expect(text).toContain('After that, export the plan again.')
    expect(mailOf({ filesExpireAt: linkExpiresAt + HOUR }).text).toContain('open it all the same')
  })

  it('knows neither company nor name in what an older version recorded, and says so to nobody', () => {
    const { text } = failureMail({ ...facts(), companyName: null, name: null })
    expect(text).toContain('Hello,\n')
    expect(text).toContain('-- \nAction Plans\n')
  })
})

describe('the mail about a failure', () => {
  it.each([
    ['en', 'Action plan “Quieter mornings”: export failed', 'please ask for it again'],
    ['es', 'Plan de acción «Quieter mornings»: exportación fallida', 'vuelve a pedirla'],
  ] as const)('is short in %s, and says what to do', (locale, subject, advice) => {
    const mail = failureMail({ ...facts(), locale })
    expect(mail.subject).toBe(subject)
    expect(mail.text).toContain(advice)
    expect(mail.text).toContain('-- \nAcme\n')
    expect(mail.html).not.toContain('href=')
  })
})
