/** What the worker writes to its log during the tests. */
import { vi } from 'vitest'

interface LogLine {
  kind: string
  route?: string
  status?: number
  requestId?: string
  d1Calls?: number
  kvReads?: number
  rowsRead?: number
  step?: string
}

export const logged: string[] = []

/** Keeps the lines instead of printing them. */
export function captureLog(): void {
  vi.spyOn(console, 'log').mockImplementation((line: unknown) => {
    logged.push(String(line))
  })
}

/** The parsed line of one request, by its X-Request-Id. */
export function lineOf(requestId: string | null): LogLine | undefined {
  const line = logged.findLast(
    (text) => requestId !== null && text.includes(requestId) && text.includes('"request"'),
  )
  // Written by platform/request-log.ts as JSON.
  return line === undefined ? undefined : (JSON.parse(line) as LogLine)
}
