/** The worker's own heap, read over its inspector: what is in use of it. */
import { once } from 'node:events'

interface HeapUsage {
  result?: { usedSize?: number }
}

export class Heap {
  readonly #socket: WebSocket
  #lastId = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
  }

  /** @param port where wrangler's inspector listens */
  static async open(port: number): Promise<Heap> {
    // Wrangler's inspector refuses who does not come from this machine.
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: { Origin: 'http://localhost' } })
    await once(socket, 'open')
    return new Heap(socket)
  }

  /** Bytes in use after a collection. */
  async used(): Promise<number> {
    await this.#ask('HeapProfiler.collectGarbage')
    return this.inUse()
  }

  /** Bytes in use, garbage included. */
  async inUse(): Promise<number> {
    const { result } = await this.#ask('Runtime.getHeapUsage')
    return result?.usedSize ?? 0
  }

  close(): void {
    this.#socket.close()
  }

  async #ask(method: string): Promise<HeapUsage> {
    this.#lastId += 1
    const id = this.#lastId
    const answered = new Promise<HeapUsage>((resolve) => {
      const listen = ({ data }: MessageEvent): void => {
        // The inspector speaks JSON; other messages are events.
        const message = JSON.parse(String(data)) as HeapUsage & { id?: number }
        if (message.id !== id) return
        this.#socket.removeEventListener('message', listen)
        resolve(message)
      }
      this.#socket.addEventListener('message', listen)
    })
    this.#socket.send(JSON.stringify({ id, method }))
    return answered
  }
}
