import fc from 'fast-check'
import ICAL from 'ical.js'
import { describe, expect, it } from 'vitest'
import { type CalendarEvent, calendarText } from '../../src/calendar/icalendar.ts'
import { EARLIEST, LATEST } from '../../src/platform/time.ts'

const EVENT: CalendarEvent = {
  uid: '6a896510ebe7a5e72ebbf88f@action-plans',
  day: Date.UTC(2026, 10, 30),
  changedAt: Date.UTC(2026, 10, 26, 8, 9, 10, 999),
  sequence: 3,
  summary: 'Call everyone',
  description: 'Plan: A plan\nStatus: Not started',
}

const textOf = (events: readonly Partial<CalendarEvent>[], name = 'Action plans') =>
  calendarText({ name, events: events.map((event) => ({ ...EVENT, ...event })) })

/** The components as an independent parser reads them. */
function parsed(text: string) {
  const calendar = new ICAL.Component(ICAL.parse(text) as unknown[])
  return { calendar, events: calendar.getAllSubcomponents('vevent').map((event) => new ICAL.Event(event)) }
}

/** Any text of Unicode, with much of what lines are made and folded with. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom(
        '\\',
        ';',
        ',',
        ':',
        '"',
        '\n',
        '\r\n',
        '\r',
        '\t',
        '\0',
        '\u0085',
        '\u2028',
        '😀',
        'é',
        '=1',
      ),
      fc.constantFrom(
        '\\n',
        'BEGIN:VEVENT',
        'END:VCALENDAR',
        '\r\nATTACH:file:///etc/passwd',
        ' ',
        'x'.repeat(80),
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join('').toWellFormed())

/** What is left of a text: line breaks are one kind of line break, other control characters are gone. */
function readable(text: string): string {
  return text
    .replace(/\r\n|[\r\u2028\u2029]/g, '\n')
    .split('\n')
    .map((line) => line.replace(/\p{Cc}/gu, ''))
    .join('\n')
}

const octetsOf = (line: string) => new TextEncoder().encode(line).length

describe('the text of a calendar', () => {
  it('says what the events say, whatever the texts hold', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, anyText), { maxLength: 3 }), anyText, (texts, name) => {
        const events = texts.map(([summary, description], index) => ({
          ...{ uid: `${String(index)}@x`, summary, description },
        }))
        const { calendar, events: read } = parsed(textOf(events, name))
        // The parser knows no type of this property, and so leaves its escapes.
        const named = String(calendar.getFirstPropertyValue('x-wr-calname'))
        expect(named.replace(/\\(.)/g, (_, mark: string) => (mark === 'n' ? '\n' : mark))).toBe(
          readable(name),
        )
        expect(read.map(({ uid, summary, description }) => ({ uid, summary, description }))).toEqual(
          texts.map(([summary, description], index) => ({
            ...{ uid: `${String(index)}@x`, summary: readable(summary), description: readable(description) },
          })),
        )
      }),
      { numRuns: 500 },
    )
  })

  it('has lines of at most 75 octets, each ended by CRLF and each whole characters', () => {
    fc.assert(
      fc.property(anyText, (summary) => {
        const text = textOf([{ summary }])
        expect(text.endsWith('\r\n')).toBe(true)
        const lines = text.slice(0, -2).split('\r\n')
        for (const line of lines) {
          expect(octetsOf(line)).toBeLessThanOrEqual(75)
          expect(line.isWellFormed()).toBe(true)
          expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
        }
        expect(lines.filter((line) => line.startsWith('BEGIN:VEVENT'))).toHaveLength(1)
      }),
      { numRuns: 500 },
    )
  })

  it('fills its lines', () => {
    const lines = textOf([{ summary: 'é'.repeat(200) }]).split('\r\n')
    const at = lines.findIndex((line) => line.startsWith('SUMMARY:'))
    expect(lines.slice(at, at + 3).map(octetsOf)).toEqual([74, 75, 75])
    const plain = textOf([{ summary: 'x'.repeat(67) }]).split('\r\n')
    expect(plain.find((line) => line.startsWith('SUMMARY:'))).toHaveLength(75)
  })

  it('has all-day events of one day, at the ends of time too', () => {
    const day = fc.integer({
      min: Math.floor(EARLIEST / 86_400_000) - 1,
      max: Math.floor(LATEST / 86_400_000) + 1,
    })
    fc.assert(
      fc.property(day, (number) => {
        const text = textOf([{ day: number * 86_400_000 }])
        expect(text).toMatch(/\r\nDTSTART;VALUE=DATE:\d{8}\r\n/)
        const [event] = parsed(text).events
        expect(event?.startDate.isDate).toBe(true)
        expect(event?.duration.toSeconds()).toBe(86_400)
      }),
    )
    expect(textOf([{}])).toContain('\r\nDTSTART;VALUE=DATE:20261130\r\nDTEND;VALUE=DATE:20261201\r\n')
  })

  it('has what RFC 5545 asks of a calendar, also without events', () => {
    const text = textOf([{}])
    for (const line of [
      'VERSION:2.0',
      'DTSTAMP:20261126T080910Z',
      'LAST-MODIFIED:20261126T080910Z',
      'SEQUENCE:3',
    ]) {
      expect(text).toContain(`\r\n${line}\r\n`)
    }
    const { calendar, events } = parsed(textOf([]))
    expect(events).toEqual([])
    expect(calendar.getAllSubcomponents()).toHaveLength(1)
  })
})
