/** The log: one JSON line per request, job step and failure, without session ids, keys, addresses, signatures and bodies. */
import { SettingsError } from '../settings.ts'
import { DatabaseUnavailable, type Meter } from './database.ts'
import type { DatabaseName } from './place.ts'

/** What the log tells of a request. */
interface LoggedRequest {
  id: string
  raw: Request
  /** `database` is that of the company. */
  who: { userId: string | null; companyId: string | null; database: DatabaseName | null }
  meter: Meter
}

export function logRequest(facts: LoggedRequest, route: string, status: number, milliseconds: number): void {
  const { who, meter } = facts
  const { database, ...ids } = who
  log({
    kind: 'request',
    requestId: facts.id,
    method: facts.raw.method,
    route,
    status,
    milliseconds,
    ...ids,
    ...meter,
    // Where one database is bound, nothing tells of it.
    ...(meter.database === undefined ? {} : { database }),
  })
}

/** One step of a background job. `facts` holds ids and counts only. */
export function logStep(
  step: string,
  facts: Record<string, string | number | boolean | null>,
  meter: Meter,
): void {
  log({ kind: 'step', step, ...facts, ...meter })
}

/**
 * A failure whose cause the caller does not see. Messages may contain bound parameters (drizzle's do), so only the
 * names of errors, SQLite's code and the stack frames are logged.
 */
export function logFailure(requestId: string, error: unknown): void {
  const kinds: string[] = []
  let code: string | undefined
  let frames: string[] = []
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    kinds.push(
      cause instanceof SettingsError || cause instanceof DatabaseUnavailable ? cause.message : cause.name,
    )
    code ??= /SQLITE_[A-Z_]+|D1_[A-Z_]+/.exec(cause.message)?.[0]
    if (frames.length === 0) frames = framesOf(cause)
  }
  log({ kind: 'failure', requestId, errors: kinds, code: code ?? null, frames })
}

function framesOf(error: Error): string[] {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .map((line) => line.trim())
}

function log(line: Record<string, unknown>): void {
  console.log(JSON.stringify(line))
}
