import { describe, expect, it } from 'vitest'
import type { ReminderContent, ShownAction } from '../../src/reminders/content.ts'
import { reminderMail } from '../../src/reminders/email.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** 8:10 in Madrid, a Thursday. */
const AT = Date.UTC(2026, 10, 26, 7, 10)
/** The last millisecond of that day there. */
const TODAY = Date.UTC(2026, 10, 26, 23) - 1
const EVIL = '"><script>alert(1)</script>\r\nBcc: all@x.test'

const action = (title: string, dueDate: number, planTitle: string | null = 'Mornings'): ShownAction => ({
  ...{ title, planTitle, dueDate },
})

function mailOf(further: Partial<ReminderContent> = {}) {
  const content: ReminderContent = {
    ...{ name: 'Ana', companyName: 'Acme', locale: 'en', accentColor: '#7c2d12', timeZone: 'Europe/Madrid' },
    ...{ at: AT, overdue: 1, due: 1, expired: 0, ended: [] },
    open: [action('Late', TODAY - 2 * DAY), action('Soon', TODAY + DAY)],
    ...further,
  }
  const switchOffUrl = 'https://x.test/api/v1/reminders/c/u?signature=s'
  return reminderMail({ reminderId: 'r', to: 'a@b.c', content, switchOffUrl })
}

describe('the subject of a reminder', () => {
  it.each([
    ['en', 1, 0, '1 action overdue at Acme'],
    ['en', 3, 2, '3 actions overdue, 2 due within 7 days at Acme'],
    ['en', 0, 1, '1 action due within 7 days at Acme'],
    ['en', 0, 2, '2 actions due within 7 days at Acme'],
    ['es', 1, 0, '1 acción con retraso en Acme'],
    ['es', 3, 2, '3 acciones con retraso, 2 para los próximos 7 días en Acme'],
    ['es', 0, 1, '1 acción vence en los próximos 7 días en Acme'],
    ['es', 0, 2, '2 acciones vencen en los próximos 7 días en Acme'],
  ] as const)('says in %s what matters: %i overdue, %i due', (locale, overdue, due, subject) => {
    expect(mailOf({ locale, overdue, due }).subject).toBe(subject)
  })

  it('is kept short, whatever the company is called', () => {
    expect(mailOf({ companyName: 'A long name '.repeat(20) }).subject.length).toBeLessThan(120)
  })
})

describe('the text of a reminder', () => {
  it.each([
    [TODAY, 'due Thursday, 26 November 2026, today'],
    [AT - HOUR, 'due Thursday, 26 November 2026, since today'],
    [TODAY + DAY, 'due Friday, 27 November 2026, tomorrow'],
    [TODAY + 3 * DAY, 'due Sunday, 29 November 2026, in 3 days'],
    [TODAY - DAY, 'due Wednesday, 25 November 2026, since yesterday'],
    [TODAY - 9 * DAY, 'due Tuesday, 17 November 2026, for 9 days'],
  ])('counts days as the company does: %i', (dueDate, when) => {
    expect(mailOf({ open: [action('It', dueDate)] }).text).toContain(`- It\n  Mornings · ${when}`)
  })

  it('is Spanish for who reads Spanish', () => {
    const ended = [action('Perdida', TODAY - 4 * DAY, null)]
    const { text, html } = mailOf({ locale: 'es', expired: 1, ended })
    for (const words of [
      ...['Hola, Ana:', '# Con retraso (1)', '# Para los próximos 7 días (1)', 'desde hace 2 días', 'mañana'],
      ...['# Vencidas desde el último recordatorio (1)', 'venció el domingo, 22 de noviembre de 2026'],
      ...['Desactivar estos recordatorios: https://x.test/', 'miércoles'].slice(0, 1),
    ])
      expect(text).toContain(words)
    expect(html).toContain('<html lang="es">')
    expect(text).not.toMatch(/\b(due|overdue|expired|days)\b/)
  })

  it('has nothing of a kind that there is none of', () => {
    const { text } = mailOf({ due: 0, open: [action('Late', TODAY - DAY)] })
    expect(text).toContain('# Overdue (1)')
    expect(text).not.toMatch(/Due within|Expired/)
  })

  it('says how many more there are, also of those of which none is shown', () => {
    const open = Array.from({ length: 50 }, (_, index) => action(`Number ${String(index)}`, TODAY - DAY))
    const some = mailOf({ overdue: 60, due: 1200, open }).text
    expect(some).toContain('and 10 more')
    expect(some).toMatch(/# Due within 7 days \(1,200\)\n\nand 1,200 more/)
    const ended = open.slice(0, 30)
    expect(mailOf({ expired: 31, ended }).text).toContain('and 1 more')
  })

  it('leads with the most urgent in lists of mails', () => {
    expect(mailOf().html).toMatch(
      /hidden[^>]*>Most urgent: “<bdi>Late<\/bdi>”, due Tuesday, 24 November 2026, for 2 days/,
    )
  })
})

describe('the headers of a reminder', () => {
  it('let mail programs unsubscribe with one click (RFC 8058)', () => {
    expect(mailOf().headers).toEqual({
      'List-Unsubscribe': '<https://x.test/api/v1/reminders/c/u?signature=s>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    })
  })
})

it('shows user text as text', () => {
  const open = [action(EVIL, TODAY, EVIL)]
  const { html } = mailOf({ name: EVIL, companyName: EVIL, open, expired: 1, ended: open })
  expect(html).not.toMatch(/<script|<img/)
  expect(html).toContain('background:#7c2d12')
})

it('has the same bytes for the same facts', () => {
  expect(mailOf()).toEqual(mailOf())
  expect(mailOf().idempotencyKey).toBe('reminder-r')
})
