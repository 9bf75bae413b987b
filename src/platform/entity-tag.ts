/** Entity tags and conditional requests (RFC 9110 §8.8.3, §13.1). */
import { sha256, toBase64Url } from './hash.ts'
import { Problem } from './problem.ts'

/** A strong tag over `text`: the very body that this caller sees, or what stands for it. */
export async function entityTag(text: string): Promise<`"${string}"`> {
  return `"${toBase64Url(await sha256(text)).slice(0, 27)}"`
}

/** Whether a list of tags (`"a", W/"b"` or `*`) names this one; a weakness prefix that a proxy added is ignored. */
export function namesTag(list: string, tag: string): boolean {
  return list
    .split(',')
    .map((item) => item.trim().replace(/^W\//, ''))
    .some((item) => item === '*' || item === tag)
}

/** 412 unless `ifMatch` is absent or names the current body. */
export async function requireMatch(ifMatch: string | null, body: unknown): Promise<void> {
  if (ifMatch !== null) requireTag(ifMatch, await entityTag(JSON.stringify(body)))
}

/** 412 unless `ifMatch` is absent or names the current tag. */
export function requireTag(ifMatch: string | null, tag: string): void {
  if (ifMatch !== null && !namesTag(ifMatch, tag)) throw new Problem('PRECONDITION_FAILED')
}
