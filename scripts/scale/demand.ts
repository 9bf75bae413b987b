/** When people work: hours of a week in UTC, for companies in several time zones. */

export interface Zone {
  name: string
  /** Hours ahead of UTC. */
  offset: number
  /** Its part of all companies. */
  share: number
}

/** Where the companies are: an assumption. */
export const ZONES: readonly Zone[] = [
  { name: 'Europe', offset: 1, share: 0.55 },
  { name: 'Latin America, east', offset: -3, share: 0.15 },
  { name: 'Latin America, west', offset: -5, share: 0.15 },
  { name: 'North America, west', offset: -8, share: 0.08 },
  { name: 'Asia', offset: 8, share: 0.07 },
]

const HOURS_A_WEEK = 168
const HOURS_A_MONTH = (365.25 * 24) / 12

/** How busy people are in each hour of a working day, the busiest hour 1; a guess at office work with a break. */
const WORKING_DAY = [
  0.02, 0.01, 0.01, 0.01, 0.02, 0.05, 0.12, 0.35, 0.75, 1, 1, 0.95, 0.75, 0.55, 0.65, 0.85, 0.85, 0.7, 0.45,
  0.25, 0.15, 0.1, 0.06, 0.03,
]
/** Of a working day. */
const WEEKEND = 0.1

/** How busy a zone is in an hour of the week in UTC, that begins on Monday at 0:00. */
export function activity({ offset }: Zone, hour: number): number {
  const local = (hour + offset + HOURS_A_WEEK) % HOURS_A_WEEK
  const day = Math.floor(local / 24)
  return (WORKING_DAY[local % 24] ?? 0) * (day < 5 ? 1 : WEEKEND)
}

/**
 * The rates of requests in each hour of the week.
 * @param weights how much of the work is in each of the zones, in any unit
 * @param perWeight requests a second that one unit makes in its busiest hour
 */
export function weekOf(zones: readonly Zone[], weights: readonly number[], perWeight: number): number[] {
  return Array.from({ length: HOURS_A_WEEK }, (_, hour) =>
    zones.reduce((sum, zone, at) => sum + (weights[at] ?? 0) * perWeight * activity(zone, hour), 0),
  )
}

export function peakOf(week: readonly number[]): number {
  return Math.max(...week)
}

/** Requests in a month of weeks like this one. */
export function monthlyOf(week: readonly number[]): number {
  return (week.reduce((sum, rate) => sum + rate, 0) / HOURS_A_WEEK) * HOURS_A_MONTH * 3_600
}
