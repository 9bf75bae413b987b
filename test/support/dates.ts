/**
 * Gives the local date of an instant, `2026-11-23`: what the runtime says without the code under test, by the locale of
 * Sweden, which writes dates as ISO 8601 does.
 */
export function datesIn(timeZone: string): (instant: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  return (instant) => format.format(instant)
}
