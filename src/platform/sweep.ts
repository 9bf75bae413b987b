import type { Settings } from '../settings.ts'
import type { Database, Meter } from './database.ts'

/** The input of one cron task for one database. */
export interface Sweep {
  env: Env
  settings: Settings
  database: Database
  meter: Meter
  /** Unix milliseconds, one moment for all tasks. */
  now: number
}
