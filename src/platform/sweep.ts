import type { Settings } from '../settings.ts'
import type { Database, Meter } from './database.ts'

/** What one task of the cron works with, in one database. */
export interface Sweep {
  env: Env
  settings: Settings
  database: Database
  meter: Meter
  /** Unix milliseconds, one moment for all tasks. */
  now: number
}
