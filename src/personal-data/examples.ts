/** Example for the reference: what is kept about ana of the demo data (platform/demo.ts). */
import type * as z from 'zod'
import { exampleAction, exampleNote } from '../actions/examples.ts'
import { exampleExport } from '../exports/examples.ts'
import { exampleEntry } from '../history/examples.ts'
import { exampleMe } from '../people/examples.ts'
import { DEMO } from '../platform/demo.ts'
import { exampleWebhook } from '../webhooks/examples.ts'
import type { personalDataSchema } from './schemas.ts'

const { actor: _actor, ...entry } = exampleEntry
const { companyId: _company, assignees: _assignees, createdBy: _creator, ...action } = exampleAction
const {
  authorId: _author,
  authorName: _name,
  ...note
} = { ...exampleNote, text: 'Agreed with the team leads; we start on Monday.' }

export const examplePersonalData: z.infer<typeof personalDataSchema> = {
  asOf: '2026-10-10T08:30:00.000Z',
  company: { id: DEMO.company, name: 'Acme' },
  user: exampleMe,
  sessions: [
    { createdAt: '2026-10-10T08:30:00.000Z', expiresAt: '2026-10-10T20:30:00.000Z', revokedAt: null },
  ],
  accessKeys: [
    {
      ...{ id: DEMO.accessKey, name: 'Nightly report', scope: 'READ', hint: 'x2Qc' },
      createdAt: '2026-09-27T08:00:00.000Z',
      expiresAt: '2026-12-26T08:00:00.000Z',
      lastUsedAt: '2026-10-10T02:00:04.000Z',
      revokedAt: null,
    },
  ],
  signInCodes: [
    {
      language: 'en',
      tries: 1,
      createdAt: '2026-10-10T08:29:31.000Z',
      expiresAt: '2026-10-10T08:39:31.000Z',
      usedAt: '2026-10-10T08:30:00.000Z',
    },
  ],
  plans: [
    {
      id: DEMO.plan,
      title: 'A better first ninety days',
      description: 'By the end of the quarter everyone starts with a plan, a buddy and working tools.',
      visibility: 'PUBLIC',
      createdAt: '2026-08-20T09:00:00.000Z',
      updatedAt: '2026-08-20T09:00:00.000Z',
    },
  ],
  actions: [action],
  assignments: [],
  notes: [note],
  calendars: [{ createdAt: '2026-10-01T09:00:00.000Z' }],
  exports: [{ ...exampleExport, language: 'en' }],
  history: [entry],
  linkMails: [],
  reminders: [
    {
      ...{ date: '2026-10-05', overdue: [], due: [DEMO.action], expired: [] },
      createdAt: '2026-10-05T06:00:12.000Z',
      sentAt: '2026-10-05T06:00:14.000Z',
    },
  ],
  webhooks: [exampleWebhook],
}
