/** How an export is split into files. Pure. */

/** What one file holds at most. */
interface VolumeLimits {
  actions: number
  bytes: number
}

/** Position of the first action of each volume. It depends on the weights alone, so all volumes agree on it. */
export function volumeStarts(bytes: readonly number[], most: VolumeLimits): number[] {
  const starts = [0]
  let sum = 0
  for (const [position, weight] of bytes.entries()) {
    const first = starts.at(-1) ?? 0
    const isFull = position - first >= most.actions || sum + weight > most.bytes
    if (isFull && position > first) {
      starts.push(position)
      sum = 0
    }
    sum += weight
  }
  return starts
}
