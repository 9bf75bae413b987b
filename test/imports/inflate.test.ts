import { constants, deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { inflate } from '../../src/imports/workbook/inflate.ts'
import { FileRefused } from '../../src/imports/workbook/refusal.ts'

const MIB = 1024 * 1024

async function inflated(bytes: Uint8Array): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of inflate(bytes)) chunks.push(chunk)
  return new Uint8Array(await new Blob(chunks).arrayBuffer())
}

describe('inflating', () => {
  it('gives back what was compressed', async () => {
    const text = Array.from({ length: 200_000 }, (_, index) => String(index * 7919)).join(' ')
    const bytes = new TextEncoder().encode(text)
    expect(new TextDecoder().decode(await inflated(deflateRawSync(bytes)))).toBe(text)
    expect(await inflated(deflateRawSync(new Uint8Array()))).toHaveLength(0)
  })

  it('takes in no more than is read, so that a bomb fills no memory', async () => {
    // A block that is not the last one, 512 times, and the last one, which is empty.
    const block = deflateRawSync(new Uint8Array(MIB), { finishFlush: constants.Z_SYNC_FLUSH })
    const blocks = Array.from({ length: 512 }, () => block)
    const bomb = new Uint8Array(await new Blob([...blocks, new Uint8Array([3, 0])]).arrayBuffer())
    let [takenIn, read] = [0, 0]
    const count = (bytes: number) => {
      takenIn += bytes
    }
    for await (const chunk of inflate(bomb, count)) {
      read += chunk.byteLength
      if (read > 2 * MIB) break
    }
    // Streams hold up to 64 KiB each way, of more than half a megabyte.
    expect(bomb.byteLength).toBeGreaterThan(500_000)
    expect(takenIn).toBeLessThan(200_000)
  })

  it.each([
    ['not compressed', () => new TextEncoder().encode('PK not deflated at all')],
    ['cut', () => deflateRawSync(new TextEncoder().encode('a long text '.repeat(500))).subarray(0, 20)],
  ])('refuses what is %s', async (_, make) => {
    await expect(inflated(make())).rejects.toThrow(FileRefused)
  })
})
