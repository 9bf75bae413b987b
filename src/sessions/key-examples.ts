/** Examples for the reference: the access keys of the demo data (platform/demo.ts). */
import { DEMO } from '../platform/demo.ts'
import type { AccessKeyView, NewAccessKey } from './key-schemas.ts'

export const exampleKey: AccessKeyView = {
  id: DEMO.accessKey,
  name: 'Nightly report',
  scope: 'READ',
  hint: 'x2Qc',
  userId: DEMO.ana,
  createdAt: '2026-09-27T08:00:00.000Z',
  expiresAt: '2026-12-26T08:00:00.000Z',
  lastUsedAt: '2026-10-10T02:00:04.000Z',
}

export const exampleNewKey: NewAccessKey = { name: 'Nightly report', scope: 'READ' }

export const exampleCreatedKey = {
  ...exampleKey,
  id: '6ac9f0203b1e84d7c65f9a12',
  createdAt: '2026-10-10T08:30:56.000Z',
  expiresAt: '2027-01-08T08:30:56.000Z',
  lastUsedAt: null,
  key: 'apk_n7Vb1rKJ0wq4uCt2x0Zc9m8m3QW5cJr1sYw6pS9x2Qc',
}
