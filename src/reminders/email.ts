/** The reminder as an e-mail, pure: the same facts give the same bytes, which the provider needs to drop duplicates. */
import type { Item, Part } from '../mail/layout.ts'
import { written } from '../mail/layout.ts'
import type { Mail } from '../mail/mailer.ts'
import { ofUser, type Phrase, shortTitle } from '../mail/phrase.ts'
import { offsetsIn } from '../platform/time-zone.ts'
import type { ReminderContent, ShownAction } from './content.ts'
import { WORDS, type Words } from './wording.ts'

const DAY = 24 * 3600 * 1000

interface ReminderMail {
  reminderId: string
  to: string
  content: ReminderContent
  /** The address that switches reminders off. */
  switchOffUrl: string
}

export function reminderMail({ reminderId, to, content, switchOffUrl }: ReminderMail): Mail {
  const { locale, companyName, accentColor, name } = content
  const words = WORDS[locale]
  const days = daysIn(content)
  return {
    to,
    idempotencyKey: `reminder-${reminderId}`,
    headers: {
      'List-Unsubscribe': `<${switchOffUrl}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
    ...written({
      ...{ locale, companyName, accentColor, name },
      subject: words.at(countsOf(words, content), shortTitle(companyName)),
      preheader: preheaderOf(words, content, days),
      parts: [{ kind: 'paragraph', words: words.intro(companyName) }, ...groupsOf(words, content, days)],
      reason: words.reason,
      switchOff: { label: words.switchOff, url: switchOffUrl },
    }),
  }
}

function countsOf(words: Words, { overdue, due }: ReminderContent): string {
  const number = numbersOf(words)
  if (overdue === 0) return words.due(number(due), due === 1)
  return [
    words.overdue(number(overdue), overdue === 1),
    ...(due === 0 ? [] : [words.dueToo(number(due))]),
  ].join(', ')
}

function preheaderOf(words: Words, { open }: ReminderContent, days: DaysOf): Phrase {
  const [first] = open
  return first ? words.mostUrgent(shortTitle(first.title), whenDue(words, first, days)) : []
}

function groupsOf(words: Words, content: ReminderContent, days: DaysOf): Part[] {
  const { overdue, due, open, expired, ended, at } = content
  const { headings } = words
  const isLate = ({ dueDate }: ShownAction) => dueDate <= at
  const openItem = (action: ShownAction) => itemOf(words, action, whenDue(words, action, days))
  const endedItem = (action: ShownAction) => itemOf(words, action, words.expiredOn(days(action.dueDate).date))
  return [
    ...group(words, headings.overdue, overdue, open.filter(isLate).map(openItem)),
    ...group(words, headings.due, due, open.filter((action) => !isLate(action)).map(openItem)),
    ...group(words, headings.expired, expired, ended.map(endedItem)),
    ...(expired > 0 ? [{ kind: 'hint' as const, words: [words.expiredHint] }] : []),
  ]
}

/** A heading with how many there are, those that are shown, and how many more there are; nothing for none. */
function group(
  words: Words,
  heading: (count: string) => string,
  count: number,
  items: readonly Item[],
): Part[] {
  const number = numbersOf(words)
  const rest = count - items.length
  if (count === 0) return []
  return [
    { kind: 'heading', words: [heading(number(count))] },
    ...(items.length > 0 ? [{ kind: 'list' as const, items }] : []),
    ...(rest > 0 ? [{ kind: 'hint' as const, words: [words.more(number(rest))] }] : []),
  ]
}

function itemOf({ inPlan }: Words, { title, planTitle }: ShownAction, when: string): Item {
  return { title: [ofUser(title)], note: planTitle === null ? [when] : [...inPlan(planTitle), when] }
}

/** `due Friday 20 November 2026, for 6 days`. */
function whenDue(words: Words, { dueDate }: ShownAction, days: DaysOf): string {
  const { date, ahead, isPast } = days(dueDate)
  return `${words.dueOn(date)}, ${isPast ? words.ago(-ahead) : words.ahead(ahead)}`
}

/** The date of a moment in the company's time zone, how many days it is ahead, and whether it is past. */
type DaysOf = (moment: number) => { date: string; ahead: number; isPast: boolean }

function daysIn({ locale, timeZone, at }: ReminderContent): DaysOf {
  const format = new Intl.DateTimeFormat(WORDS[locale].tag, {
    ...{ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone },
  })
  const offsetAt = offsetsIn(timeZone)
  const dayOf = (moment: number) => Math.floor((moment + offsetAt(moment)) / DAY)
  return (moment) => ({
    date: format.format(moment),
    ahead: dayOf(moment) - dayOf(at),
    isPast: moment <= at,
  })
}

function numbersOf({ tag }: Words): (number: number) => string {
  const format = new Intl.NumberFormat(tag)
  return (number) => format.format(number)
}
