/**
 * Finding and ending the processes below this one. Wrangler starts workerd and esbuild itself and leaves
 * them behind when it dies badly, so the whole tree is watched, not only the direct child.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

interface ProcessInfo {
  pid: number
  parent: number
  /** Tells a process from a later one that got the same number. */
  started: string
}

/** Everything that this process started, directly or not, and that still lives; of `known` also orphans. */
export function livingFamily(known: readonly ProcessInfo[]): ProcessInfo[] {
  const all = listProcesses()
  const below = descendantsAmong(all)
  const orphans = known.filter(
    (info) => isAmong(all, info) && !below.some((descendant) => descendant.pid === info.pid),
  )
  return [...below, ...orphans]
}

function descendantsAmong(all: readonly ProcessInfo[]): ProcessInfo[] {
  const found: ProcessInfo[] = []
  let parents = new Set([process.pid])
  while (parents.size > 0) {
    const children = all.filter((info) => parents.has(info.parent))
    found.push(...children)
    parents = new Set(children.map((info) => info.pid))
  }
  return found
}

/**
 * Asks the direct children to end, then ends by force what is left after the patience is over.
 * @param known descendants seen earlier, which may have lost their parent since
 */
export async function endDescendants(known: readonly ProcessInfo[], patienceMs = 3000): Promise<void> {
  let doomed = livingFamily(known)
  const deadline = Date.now() + patienceMs
  for (const info of doomed) if (info.parent === process.pid) signal(info.pid, 'SIGTERM')
  while (doomed.length > 0 && Date.now() < deadline) {
    // Orphans have nobody left to ask them.
    if (descendantsAmong(doomed).length === 0) break
    await sleep(50)
    // What they start meanwhile would outlive them.
    doomed = livingFamily(doomed)
  }
  for (const info of doomed) signal(info.pid, 'SIGKILL')
}

function isAmong(all: readonly ProcessInfo[], { pid, started }: ProcessInfo): boolean {
  return all.some((info) => info.pid === pid && info.started === started)
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It ended by itself.
  }
}

function listProcesses(): ProcessInfo[] {
  return existsSync('/proc/self/stat') ? listFromProc() : listFromPs()
}

function listFromProc(): ProcessInfo[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      // The command's name may hold anything; the fields after its closing bracket are state (Z: dead
      // already), parent and, 19 further on, the start time.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (fields[0] === 'Z') return []
      return [{ pid: Number(name), parent: Number(fields[1]), started: fields[19] ?? '' }]
    } catch {
      return []
    }
  })
}

function listFromPs(): ProcessInfo[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,lstart='], { encoding: 'utf8' }).split('\n')
  return lines.flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(.+)$/.exec(line)
    if (!match) return []
    return [{ pid: Number(match[1]), parent: Number(match[2]), started: match[3] ?? '' }]
  })
}
