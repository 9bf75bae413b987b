/**
 * The end of a long-running script. It ends by `process.exit`, whatever the cause: wrangler then ends what it started
 * (workerd, esbuild), and nothing that was acknowledged is only in memory.
 */

/**
 * Exits on SIGINT, SIGTERM and SIGHUP, and when the parent dies: npm passes a SIGTERM on to the shell it started, which
 * may die without telling its child.
 */
export function exitOnSignals(code: number): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => process.exit(code))
  // Whoever read our output may be gone (`npm run dev | head`); that is no reason to fall over.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) process.exit(code)
  }, 500).unref()
}
