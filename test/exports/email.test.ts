import { describe, expect, it } from 'vitest'
import { linkMail } from '../../src/exports/email.ts'

describe('the subject and text of a mail', () => {
  const mailAbout = (planTitle: string) =>
    linkMail({
      exportId: 'e',
      to: 'a@b.c',
      locale: 'en',
      timeZone: 'UTC',
      planTitle,
      actionCount: 1,
      links: [],
      linkExpiresAt: 0,
    })

  it('are turned round by no control character of the title, which turns only itself round', () => {
    const { subject, text, html } = mailAbout('a\u202eb\u2069c\u2067d')
    const whole = '\u2068a\u202ebc\u2067d\u2069\u2069'
    expect(subject).toBe(`Action plan “${whole}”: your Excel export`)
    expect(text).toContain(`“${whole}”`)
    expect(html).toContain('“<bdi>a\u202ebc\u2067d\u2069</bdi>”')
  })

  it('isolate a title whose letters run from right to left', () => {
    expect(mailAbout('שלום').subject).toContain('\u2068שלום\u2069')
  })

  it('leave a title alone whose letters run from left to right', () => {
    const { subject, html } = mailAbout('Zoë & 計画')
    expect(subject).toBe('Action plan “Zoë & 計画”: your Excel export')
    expect(html).toContain('“<bdi>Zoë &amp; 計画</bdi>”')
  })
})
