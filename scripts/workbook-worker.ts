/** Starts the workers of test/bench in workerd, for the scripts that bench and fuzz the workbook. */
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, '../test/bench')
// A worker that has run out of memory may neither answer nor stop.
const START_PATIENCE = 15_000

export interface WorkbookWorker {
  /** Answers the body; null if the worker failed, or didn't answer in time, as when its heap is full. */
  ask(path: string, seconds: number): Promise<Uint8Array | null>
  stop(): Promise<void>
}

/**
 * @param entry a file of test/bench
 * @param heapMegabytes V8's limit for the worker's heap; without it workerd's own
 */
export async function startWorkbookWorker(entry: string, heapMegabytes?: number): Promise<WorkbookWorker> {
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false'
  process.env.MINIFLARE_WORKERD_V8_FLAGS =
    heapMegabytes === undefined ? '' : `--max-heap-size=${heapMegabytes}`
  // Imported late: it takes a second.
  const { unstable_startWorker } = await import('wrangler')
  const worker = await unstable_startWorker({
    config: join(FOLDER, 'workbook-wrangler.toml'),
    entrypoint: join(FOLDER, entry),
    dev: { server: { port: 0 }, inspector: false, logLevel: 'none', watch: false },
  })
  const ready = await inTime(worker.ready, START_PATIENCE)
  return {
    async ask(path, seconds) {
      if (ready === null) return null
      const response = await inTime(worker.fetch(`http://workbook${path}`), seconds * 1000)
      const body = response === null ? null : await inTime(response.arrayBuffer(), seconds * 1000)
      return response?.ok && body !== null ? new Uint8Array(body) : null
    },
    async stop() {
      await inTime(worker.dispose(), 2_000)
    },
  }
}

/** What a promise comes to, or null if that is an error or takes longer than so many milliseconds. */
async function inTime<Result>(promise: Promise<Result>, milliseconds: number): Promise<Result | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(resolve, milliseconds, null)
  try {
    return await Promise.race([promise, late])
  } catch {
    return null
  } finally {
    clearTimeout(timer)
  }
}
