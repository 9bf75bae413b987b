/** What the worker writes to its log during the tests. */

interface LogLine {
  kind: string
  route?: string
  status?: number
  requestId?: string
  d1Calls?: number
  kvReads?: number
  rowsRead?: number
  rowsWritten?: number
  step?: string
  database?: string | null
}

export const logged: string[] = []

/** Keeps every line, hooks and background work included, instead of printing it; tests print with console.info. */
export function captureLog(): void {
  const keep = (...values: unknown[]) => {
    logged.push(values.map(String).join(' '))
  }
  Object.assign(console, { log: keep, warn: keep, error: keep, debug: keep })
}

/** The parsed line of one request, by its X-Request-Id. */
export function lineOf(requestId: string | null): LogLine | undefined {
  const line = logged.findLast(
    (text) => requestId !== null && text.includes(requestId) && text.includes('"request"'),
  )
  // Written by platform/request-log.ts as JSON.
  return line === undefined ? undefined : (JSON.parse(line) as LogLine)
}
