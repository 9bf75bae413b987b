/** Entity tags and conditional requests (RFC 9110 §8.8.3, §13.1). */
import { sha256, toBase64Url } from './hash.ts'
import { Problem } from './problem.ts'

/**
 * A strong entity tag made from `text`: the body that the caller sees, or a text that changes whenever that body does.
 */
export async function entityTag(text: string): Promise<`"${string}"`> {
  return `"${toBase64Url(await sha256(text)).slice(0, 27)}"`
}

/**
 * Whether a list of entity tags (`"a", W/"b"` or `*`) contains `tag`. A prefix `W/` is ignored, since proxies add it.
 */
export function namesTag(list: string, tag: string): boolean {
  return list
    .split(',')
    .map((item) => item.trim().replace(/^W\//, ''))
    .some((item) => item === '*' || item === tag)
}

/** Throws 412 PRECONDITION_FAILED unless `ifMatch` is absent or names the entity tag of `body`. */
export async function requireMatch(ifMatch: string | null, body: unknown): Promise<void> {
  if (ifMatch !== null) requireTag(ifMatch, await entityTag(JSON.stringify(body)))
}

/** Throws 412 PRECONDITION_FAILED unless `ifMatch` is absent or names `tag`. */
export function requireTag(ifMatch: string | null, tag: string): void {
  if (ifMatch !== null && !namesTag(ifMatch, tag)) throw new Problem('PRECONDITION_FAILED')
}
