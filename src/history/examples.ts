/** Examples for the reference: what has happened to the demo plan (platform/demo.ts). */
import { DEMO } from '../platform/demo.ts'
import type { HistoryEntryView, HistoryPageView } from './schemas.ts'

export const exampleEntry: HistoryEntryView = {
  id: '6ab39510d20a47f5c8e6b134',
  at: '2026-09-23T09:00:00.000Z',
  actor: { userId: DEMO.marc, name: 'Marc Oliver' },
  via: 'SESSION',
  type: 'note.added',
  planId: DEMO.plan,
  actionId: DEMO.action,
  title: 'Laptop and accounts ready on day one',
  changes: { noteId: { before: null, after: DEMO.note } },
}

const started: HistoryEntryView = {
  ...exampleEntry,
  id: '6aa3c310b7e24d0f91c85a62',
  at: '2026-09-11T09:00:00.000Z',
  type: 'action.status_changed',
  changes: {
    status: { before: 'NOT_STARTED', after: 'IN_PROGRESS' },
    assignees: {
      before: [{ userId: DEMO.marc, status: 'NOT_STARTED' }],
      after: [{ userId: DEMO.marc, status: 'IN_PROGRESS' }],
    },
  },
}

const cursor = 'pX0bJv9tq2mL6yWkR4dZs8cHnQ1uEo7TgVfAi3KxMNwB5jSr'

export const exampleHistory: HistoryPageView = { entries: [exampleEntry, started], cursor, more: true }
export const exampleFeed: HistoryPageView = { entries: [started, exampleEntry], cursor, more: false }
