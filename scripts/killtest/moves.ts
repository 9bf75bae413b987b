/**
 * Moves in the kill test: the operator's own command, as a process that is killed while the company works and the service is
 * killed as well. Finished or undone afterwards, the company is in one database, with all that it had.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { DatabaseName } from '../../src/platform/place.ts'
import { countRows } from '../company/move/copying.ts'
import { executeAt, homeToStay } from '../company/homes.ts'
import { localStores } from '../company/stores.ts'
import { withLocalBindings } from '../local/bindings.ts'
import { killGroup, membersOf } from '../local/process-group.ts'
import { setTimeout as sleep } from 'node:timers/promises'

const COMMAND = join(import.meta.dirname, '../company.ts')
/** How often a command may be given until it succeeds while nobody kills it. */
const MOST_TRIES = 5

interface Ended {
  code: number | null
  output: string
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) killGroup(child)
})

export class Mover {
  at: DatabaseName = 'DB'
  /** Moves that were done, undone, and killed on the way. */
  readonly counts = { done: 0, undone: 0, killed: 0, frozen: 0 }
  readonly #companyId: string
  readonly #stateDir: string
  #child: ChildProcess | null = null
  #state: 'alive' | 'killed' = 'alive'

  constructor(companyId: string, stateDir: string) {
    this.#companyId = companyId
    this.#stateDir = stateDir
  }

  /** Where the next move goes. */
  get to(): DatabaseName {
    return this.at === 'DB' ? 'DB_2' : 'DB'
  }

  /** Moves until it is killed or done: beside a service, a local database is sometimes locked. */
  async moveUntilKilled(): Promise<void> {
    this.#state = 'alive'
    while (this.#isAlive()) {
      if ((await this.#give('--to', this.to)).code === 0) return
      await sleep(50)
    }
  }

  #isAlive(): boolean {
    return this.#state === 'alive'
  }

  /** SIGKILL, if it still runs; resolves when none of it lives. */
  async kill(): Promise<void> {
    this.#state = 'killed'
    const child = this.#child
    if (!child) return
    this.counts.killed += 1
    killGroup(child)
    while (membersOf(child).length > 0) await sleep(20)
  }

  /**
   * Finishes the move, or takes it back where that is still possible, while no service runs.
   * @throws Error if the commands do not end well
   */
  async settle(isUndone: boolean): Promise<void> {
    if (isUndone) {
      const { code, output } = await this.#give('--undo')
      if (code === 0) {
        this.counts.undone += Number(output.includes('The move is undone'))
        // A move that is done is not on its way any more.
        await this.#look()
        return
      }
    }
    for (let tries = 1; ; tries += 1) {
      const { code, output } = await this.#give('--to', this.to)
      if (code === 0) break
      if (tries === MOST_TRIES) throw new Error(`The move does not end:\n${output}`)
    }
    this.counts.done += 1
    await this.#look()
  }

  /** Finds the one database in which the company is, and throws if another one has rows of it. */
  async #look(): Promise<void> {
    await withLocalBindings(this.#stateDir, async (bindings) => {
      const stores = localStores(bindings)
      const home = await homeToStay(stores, this.#companyId)
      if (home === null) throw new Error('The company is in no database')
      for (const at of stores.databases.filter((each) => each !== home)) {
        const [left] = await countRows(executeAt(stores, at), this.#companyId)
        if (left)
          throw new Error(`The company is in ${home}, and ${at} has ${left.rows} rows of its ${left.table}`)
      }
      this.at = home
    })
  }

  async #give(...options: string[]): Promise<Ended> {
    const child = spawn(process.execPath, [COMMAND, 'move', '--company', this.#companyId, ...options], {
      env: { ...process.env, STATE_DIR: this.#stateDir },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.#child = child
    running.add(child)
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk
      })
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    running.delete(child)
    this.#child = null
    this.counts.frozen += Number(output.includes('and not write'))
    return { code, output }
  }
}
