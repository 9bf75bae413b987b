/**
 * A log with one JSON line for each item. A line is on disk before its sender hears a 2xx, so that SIGKILL loses nothing
 * that was acknowledged.
 */
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'

export class LineLog<Item> {
  /** Oldest first. */
  readonly items: Item[]
  readonly #file: FileHandle
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(file: FileHandle, items: Item[]) {
    this.#file = file
    this.items = items
  }

  /** Opens the log in a folder, made if need be. A torn last line was never acknowledged and is cut off. */
  static async open<Item>(folder: string, name: string): Promise<LineLog<Item>> {
    await mkdir(folder, { recursive: true })
    const file = await open(join(folder, name), 'a+')
    const bytes = await file.readFile()
    const end = bytes.lastIndexOf('\n') + 1
    if (end < bytes.length) await file.truncate(end)
    const lines = bytes.subarray(0, end).toString('utf8').split('\n').filter(Boolean)
    // Our own file, written by `append` below and nobody else.
    const items = lines.map((line) => JSON.parse(line) as Item)
    return new LineLog(file, items)
  }

  /** Resolves once the item is on disk. Appends wait for each other, so lines never interleave. */
  async append(item: Item): Promise<void> {
    const write = this.#writing.then(async () => {
      await this.#file.appendFile(`${JSON.stringify(item)}\n`)
      await this.#file.datasync()
      this.items.push(item)
    })
    this.#writing = write.catch(() => undefined)
    await write
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#file.close()
  }
}
