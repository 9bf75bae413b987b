/** The words of reminders, pure. */
import type { Locale } from '../db/enums.ts'
import { ofUser, type Phrase, phrase } from '../mail/phrase.ts'

const en = {
  tag: 'en-GB',
  overdue: (count: string, isOne: boolean) => `${count} ${isOne ? 'action' : 'actions'} overdue`,
  due: (count: string, isOne: boolean) => `${count} ${isOne ? 'action' : 'actions'} due within 7 days`,
  /** After what is overdue. */
  dueToo: (count: string) => `${count} due within 7 days`,
  at: (what: string, company: string): Phrase => phrase`${what} at ${ofUser(company)}`,
  mostUrgent: (title: string, when: string): Phrase => phrase`Most urgent: “${ofUser(title)}”, ${when}.`,
  intro: (company: string): Phrase =>
    phrase`This is your open work at ${ofUser(company)} that needs attention, the most urgent first.`,
  headings: {
    overdue: (count: string) => `Overdue (${count})`,
    due: (count: string) => `Due within 7 days (${count})`,
    expired: (count: string) => `Expired since the last reminder (${count})`,
  },
  expiredHint: 'These can be taken up again once they have a later due date, or none.',
  inPlan: (plan: string): Phrase => phrase`${ofUser(plan)} · `,
  dueOn: (date: string) => `due ${date}`,
  expiredOn: (date: string) => `expired ${date}`,
  ago: (days: number) =>
    days === 0 ? 'since today' : days === 1 ? 'since yesterday' : `for ${String(days)} days`,
  ahead: (days: number) => (days === 0 ? 'today' : days === 1 ? 'tomorrow' : `in ${String(days)} days`),
  more: (count: string) => `and ${count} more`,
  reason:
    'You receive this e-mail because you are assigned to these actions. It comes on Mondays, and on other days when something is new.',
  switchOff: 'Switch these reminders off',
}

const es: typeof en = {
  tag: 'es-ES',
  overdue: (count, isOne) => `${count} ${isOne ? 'acción' : 'acciones'} con retraso`,
  due: (count, isOne) => `${count} ${isOne ? 'acción vence' : 'acciones vencen'} en los próximos 7 días`,
  dueToo: (count) => `${count} para los próximos 7 días`,
  at: (what, company) => phrase`${what} en ${ofUser(company)}`,
  mostUrgent: (title, when) => phrase`Lo más urgente: «${ofUser(title)}», ${when}.`,
  intro: (company) =>
    phrase`Este es tu trabajo pendiente en ${ofUser(company)} que requiere atención, lo más urgente primero.`,
  headings: {
    overdue: (count) => `Con retraso (${count})`,
    due: (count) => `Para los próximos 7 días (${count})`,
    expired: (count) => `Vencidas desde el último recordatorio (${count})`,
  },
  expiredHint: 'Se pueden retomar cuando tengan una fecha límite posterior, o ninguna.',
  inPlan: (plan) => phrase`${ofUser(plan)} · `,
  dueOn: (date) => `fecha límite: ${date}`,
  expiredOn: (date) => `venció el ${date}`,
  ago: (days) => (days === 0 ? 'desde hoy' : days === 1 ? 'desde ayer' : `desde hace ${String(days)} días`),
  ahead: (days) => (days === 0 ? 'hoy' : days === 1 ? 'mañana' : `en ${String(days)} días`),
  more: (count) => `y ${count} más`,
  reason:
    'Recibes este correo porque estas acciones están asignadas a ti. Llega los lunes, y otros días si hay algo nuevo.',
  switchOff: 'Desactivar estos recordatorios',
}

export type Words = typeof en

export const WORDS: Record<Locale, Words> = { en, es }
