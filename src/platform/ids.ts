/** Ids: 24 lower-case hex characters, the first 8 the Unix seconds, the rest random. Pure; `newId` is in new-id.ts. */

export const ID_PATTERN = /^[0-9a-f]{24}$/

/** The value if it has the form of an id; null otherwise. */
export function wellFormedId(value: unknown): string | null {
  return typeof value === 'string' && ID_PATTERN.test(value) ? value : null
}
