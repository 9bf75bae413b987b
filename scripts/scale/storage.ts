/**
 * Bytes that a company takes in its database. Measured as `size_after` of local D1 for the company of 10,000 actions of
 * `npm run bench -- lists`, with and without its history: 16.3 MB, 44.6 MB more for 100,000 entries; 9.0 MB more when
 * every description has 300 characters, and 9.2 MB more for two notes of 150 characters on each action.
 */
import { grown } from './companies.ts'

/** With assignees, areas, focus, its part of plans, people and indexes, texts and notes. */
const BYTES_AN_ACTION = 1_630 + 900 + 915
const BYTES_AN_ENTRY = 446
/** As the service counts them for a company's limit. */
const COUNTED_BYTES_AN_ENTRY = 700
/** Of COMPANY_MAX_MIB, 1,024; what is older than a quarter of it gives way. */
const MOST_ENTRIES = (1024 * 1024 * 1024) / 4 / COUNTED_BYTES_AN_ENTRY

/** In `DB`, for each person of a company that is elsewhere: a guess for one row with two ids, an address and its index. */
export const BYTES_AN_ADDRESS = 250

const DAYS_A_MONTH = 365.25 / 12

export interface History {
  changesPerActionAndMonth: number
  /** HISTORY_RETENTION_DAYS. */
  retentionDays: number
}

/** Months of full activity whose changes a company of this age still keeps. */
export function keptMonths(age: number, retentionDays: number): number {
  const months = retentionDays / DAYS_A_MONTH
  let kept = 0
  for (let back = 0; back < months && back <= age; back += 1)
    kept += grown(age - back) * Math.min(1, months - back)
  return kept
}

/** @param kept from keptMonths */
export function bytesOf(actions: number, part: number, kept: number, history: History): number {
  const entries = Math.min(MOST_ENTRIES, actions * kept * history.changesPerActionAndMonth)
  return actions * part * BYTES_AN_ACTION + entries * BYTES_AN_ENTRY
}
