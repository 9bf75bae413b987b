/** The pieces as one. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let start = 0
  for (const piece of pieces) {
    whole.set(piece, start)
    start += piece.byteLength
  }
  return whole
}
