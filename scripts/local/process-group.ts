/** A process group, such as a command leads that was spawned with `detached`: who lives in it, and its end by force. */
import type { ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** Living processes of the group. */
export function membersOf(leader: ChildProcess): number[] {
  return readdirSync('/proc')
    .filter((name) => {
      const stat = /^\d+$/.test(name) ? readProc(name, 'stat') : ''
      // After the command's closing bracket: state, parent, group.
      const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return state !== 'Z' && Number(group) === leader.pid
    })
    .map(Number)
}

/** The two that run the worker and the proxy before it. */
export function workerdsOf(leader: ChildProcess): number[] {
  return membersOf(leader).filter((pid) => readProc(pid, 'cmdline').includes('workerd\0serve'))
}

/** SIGKILL to all of it at once. */
export function killGroup(leader: ChildProcess): void {
  try {
    if (leader.pid !== undefined) process.kill(-leader.pid, 'SIGKILL')
  } catch {
    // It is gone.
  }
}

/** A file of /proc; empty when the process is gone. */
export function readProc(pid: number | string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
