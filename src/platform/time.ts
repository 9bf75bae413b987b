/** Times: Unix milliseconds inside, ISO 8601 UTC with milliseconds outside. */

/** `2026-11-23T18:19:00.000Z`, or null for null. */
export function toIso(time: number): string
export function toIso(time: number | null): string | null
export function toIso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}

// ISO 8601 date and time, extended or basic form, seconds and fraction optional, with an offset (Z, ±hh, ±hhmm, ±hh:mm).
const INSTANT =
  /^(\d{4})(-?)(\d\d)\2(\d\d)[Tt](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)?(Z|z|[+-]\d\d(?::?\d\d)?)$/

const EARLIEST = new Date('0001-01-01T00:00:00Z').getTime()
const LATEST = new Date('9999-12-31T23:59:59.999Z').getTime()

/** Unix milliseconds of an ISO 8601 instant with an offset, or null if it is none (30 February included). */
export function parseInstant(text: string): number | null {
  const match = INSTANT.exec(text)
  if (!match) return null
  const [, year, , month, day, hour, minute = '00', second = '00', fraction = '', zone = 'Z'] = match
  const date = new Date(`${year ?? ''}-${month ?? ''}-${day ?? ''}T00:00:00Z`)
  // Date rolls 30 February over into March; the round trip shows it.
  if (Number.isNaN(date.getTime()) || date.getUTCDate() !== Number(day)) return null
  const milliseconds = fraction.padEnd(3, '0').slice(0, 3)
  // `24:00:00` is the end of the day: Date knows it.
  const isLeap = second === '60'
  const local = new Date(
    `${date.toISOString().slice(0, 10)}T${hour ?? ''}:${minute}:${isLeap ? '59' : second}.${milliseconds}Z`,
  )
  if (Number.isNaN(local.getTime())) return null
  const offset = offsetMinutes(zone)
  if (offset === null) return null
  // Unix time has no leap seconds: one falls together with the second after it.
  const time = local.getTime() - offset * 60_000 + (isLeap ? 1000 : 0)
  if (isLeap && !/-0[17]-01T00:00:00/.test(new Date(time).toISOString())) return null
  return time >= EARLIEST && time <= LATEST ? time : null
}

function offsetMinutes(zone: string): number | null {
  if (zone.toUpperCase() === 'Z') return 0
  const digits = zone.slice(1).replace(':', '')
  const hours = Number(digits.slice(0, 2))
  const minutes = Number(digits.slice(2) || '0')
  if (hours > 23 || minutes > 59) return null
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

/** Whether the runtime knows this IANA time zone by name (offsets such as `+01:00` are none). */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** The name trimmed and in its usual case (`europe/madrid` → `Europe/Madrid`); other spellings stay as they are. */
export function tidyTimeZone(name: string): string {
  const trimmed = name.trim()
  if (!isTimeZone(trimmed)) return trimmed
  const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: trimmed }).resolvedOptions()
  return timeZone.toLowerCase() === trimmed.toLowerCase() ? timeZone : trimmed
}
