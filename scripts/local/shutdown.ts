/** One way out for long-running scripts: by signal, by the parent's death, by an error or at the end. */
import { endDescendants, livingFamily } from './processes.ts'

type Undo = () => void | Promise<void>

const NOTE_EVERY_MS = 500

const undos: Undo[] = []
let seenDescendants: ReturnType<typeof livingFamily> = []
let leaving = false

/** Has a thing undone on the way out, the newest first. */
export function onShutdown(undo: Undo): void {
  undos.push(undo)
}

export function isShuttingDown(): boolean {
  return leaving
}

/** Takes down who is below this process now: later, when their parent is gone, nothing tells whose they were. */
export function noteDescendants(): void {
  seenDescendants = livingFamily(seenDescendants)
}

/** Ends every process below this one, those included whose parent is gone already. */
export async function endAllBelow(): Promise<void> {
  await endDescendants(seenDescendants, 0)
}

/**
 * Leaves on SIGINT, SIGTERM and SIGHUP, and when the parent dies: npm passes a SIGTERM on to the shell it
 * started, which may die without telling its child.
 * @param code exit code after a signal
 */
export function shutDownOnSignals(code: number): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => void shutDown(code))
  // Whoever read our output may be gone (`npm run dev | head`); that is no reason to fall over.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) void shutDown(code)
    if (!leaving) noteDescendants()
  }, NOTE_EVERY_MS).unref()
}

/** Undoes everything, ends every process that was started, and exits. Only the first call counts. */
export async function shutDown(code: number): Promise<void> {
  if (leaving) return
  leaving = true
  setTimeout(() => process.exit(code || 1), 8000).unref()
  await endDescendants(seenDescendants)
  for (const undo of undos.reverse()) {
    await Promise.resolve(undo()).catch((error: unknown) => {
      console.error(error)
    })
  }
  process.exit(code)
}
