/** An access key as its user sees it, pure. */
import { toIso } from '../platform/time.ts'
import type { AccessKeyView } from './key-schemas.ts'
import type { StoredKey } from './key-store.ts'

export function viewKey({ companyId: _companyId, ...key }: StoredKey): AccessKeyView {
  const { createdAt, expiresAt, lastUsedAt } = key
  return { ...key, createdAt: toIso(createdAt), expiresAt: toIso(expiresAt), lastUsedAt: toIso(lastUsedAt) }
}
