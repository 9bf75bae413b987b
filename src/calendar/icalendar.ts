/** Writes calendars of all-day events as iCalendar text (RFC 5545, with the names of RFC 7986). Pure. */
import { EARLIEST, LATEST } from '../platform/time.ts'

export interface CalendarEvent {
  /** The same for as long as the event is about the same thing. */
  uid: string
  /** Midnight UTC of its date (Unix milliseconds). */
  day: number
  /** When it last changed (Unix milliseconds). */
  changedAt: number
  /** Rises with its changes. */
  sequence: number
  summary: string
  description: string
}

export interface Calendar {
  name: string
  events: readonly CalendarEvent[]
}

export const CALENDAR_TYPE = 'text/calendar; charset=utf-8'

/** The calendar as text, with its lines folded and ended as RFC 5545 asks. */
export function calendarText({ name, events }: Calendar): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Action Plans//Action Plans//EN',
    'CALSCALE:GREGORIAN',
    `NAME:${escaped(name)}`,
    `X-WR-CALNAME:${escaped(name)}`,
    `REFRESH-INTERVAL;VALUE=DURATION:${REFRESH}`,
    `X-PUBLISHED-TTL:${REFRESH}`,
    ...(events.length === 0 ? SOMETHING : events.flatMap(linesOf)),
    'END:VCALENDAR',
  ]
  return lines.map((line) => `${folded(line)}\r\n`).join('')
}

/** How often a program should read the calendar again. */
const REFRESH = 'PT1H'

/** A calendar must have a component (RFC 5545 §3.6), and a time zone shows nothing. */
const SOMETHING = [
  ...['BEGIN:VTIMEZONE', 'TZID:UTC', 'BEGIN:STANDARD', 'DTSTART:19700101T000000'],
  ...['TZOFFSETFROM:+0000', 'TZOFFSETTO:+0000', 'END:STANDARD', 'END:VTIMEZONE'],
]

const DAY = 24 * 3600 * 1000

function linesOf({ uid, day, changedAt, sequence, summary, description }: CalendarEvent): string[] {
  const start = Math.min(Math.max(day, EARLIEST), LATEST)
  const changed = timeOf(changedAt)
  return [
    'BEGIN:VEVENT',
    `UID:${uid}`,
    // Without METHOD, the stamp is when the event last changed; so the same events give the same text.
    `DTSTAMP:${changed}`,
    `LAST-MODIFIED:${changed}`,
    `SEQUENCE:${String(sequence)}`,
    `DTSTART;VALUE=DATE:${dateOf(start)}`,
    // The day after the last that can be written stays open; an event without an end lasts one day.
    ...(start + DAY > LATEST ? [] : [`DTEND;VALUE=DATE:${dateOf(start + DAY)}`]),
    'TRANSP:TRANSPARENT',
    `SUMMARY:${escaped(summary)}`,
    `DESCRIPTION:${escaped(description)}`,
    'END:VEVENT',
  ]
}

/** `20261126` */
function dateOf(day: number): string {
  return new Date(day).toISOString().slice(0, 10).replaceAll('-', '')
}

/** `20261126T081900Z` */
function timeOf(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

/**
 * A value of the type TEXT: line breaks become `\n`, other control characters are dropped. U+2028 and U+2029 count as line
 * breaks, because some readers end a line at them.
 */
function escaped(text: string): string {
  return text
    .replaceAll(/\r\n|[\r\n\u2028\u2029]/g, '\n')
    .replaceAll(/[^\P{Cc}\n]/gu, '')
    .replaceAll(/[\\;,]/g, '\\$&')
    .replaceAll('\n', '\\n')
}

const MOST_OCTETS = 75

/** The line, broken before each character that would pass 75 octets; a line that goes on begins with a blank. */
function folded(line: string): string {
  // A UTF-16 unit has at most three octets.
  if (line.length * 3 <= MOST_OCTETS) return line
  let text = ''
  let octets = 0
  for (const character of line) {
    const more = octetsOf(character)
    if (octets + more > MOST_OCTETS) {
      text += '\r\n '
      octets = 1
    }
    text += character
    octets += more
  }
  return text
}

/** The length of a character in UTF-8. */
function octetsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
}
