/** Byte ranges (RFC 9110 §14), pure. */

export type RangeRequest =
  { kind: 'whole' } | { kind: 'part'; offset: number; length: number } | { kind: 'unsatisfiable' }

/**
 * The byte range of a file of `size` bytes. Other units and several ranges are answered with the whole file, as the RFC
 * allows.
 */
export function parseRange(header: string, size: number): RangeRequest {
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header.trim())
  const [, first = '', last = ''] = match ?? []
  if (!match || (first === '' && last === '')) return { kind: 'whole' }
  if (first === '') return suffix(Number(last), size)
  const offset = Number(first)
  if (last !== '' && Number(last) < offset) return { kind: 'whole' }
  if (offset >= size) return { kind: 'unsatisfiable' }
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  return { kind: 'part', offset, length: end - offset + 1 }
}

function suffix(length: number, size: number): RangeRequest {
  if (length === 0 || size === 0) return { kind: 'unsatisfiable' }
  const taken = Math.min(length, size)
  return { kind: 'part', offset: size - taken, length: taken }
}
