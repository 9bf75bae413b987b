/** Calendars for tests: their address asked for, read at it, and understood by an independent parser. */
import ICAL from 'ical.js'
import { expect } from 'vitest'
import { call, ME, type Reply } from './api.ts'
import type { Person } from './world.ts'

export const CALENDAR = `${ME}/calendar`

/** Gives the person's calendar an address; its path. */
export async function openCalendar(who: Person): Promise<string> {
  const { status, body, text } = await call<{ url: string }>(who, 'POST', CALENDAR)
  expect(status, text).toBe(200)
  return new URL(body.url).pathname
}

export function readCalendar(path: string, headers: Record<string, string> = {}): Promise<Reply> {
  return call(null, 'GET', path, { headers })
}

interface ReadEvent {
  uid: string
  summary: string
  description: string
  /** `2026-11-30` */
  day: string
  sequence: number
  changed: string
}

/** The events, as an independent parser reads them. */
export async function eventsAt(path: string): Promise<ReadEvent[]> {
  const reply = await readCalendar(path)
  expect(reply.status, reply.text).toBe(200)
  const calendar = new ICAL.Component(ICAL.parse(reply.text) as unknown[])
  return calendar.getAllSubcomponents('vevent').map((component) => {
    const { uid, summary, description, startDate, sequence } = new ICAL.Event(component)
    const changed = String(component.getFirstPropertyValue('last-modified'))
    expect(String(component.getFirstPropertyValue('dtstamp'))).toBe(changed)
    return { uid, summary, description, day: startDate.toString(), sequence, changed }
  })
}
