/** Examples for the reference: an action of the demo data (platform/demo.ts) and its notes. */
import { DEMO } from '../platform/demo.ts'
import type { ActionPatch, ActionView, NewAction, NewNote, NoteView, Transition } from './schemas.ts'

const marc = { userId: DEMO.marc, name: 'Marc Oliver', active: true } as const

export const exampleAction: ActionView = {
  id: DEMO.action,
  companyId: DEMO.company,
  planId: DEMO.plan,
  title: 'Laptop and accounts ready on day one',
  description: 'Order two weeks ahead; the checklist lives with the service desk.',
  actionType: 'MANAGER',
  origin: 'MANUAL',
  visibility: 'PUBLIC',
  followsPlanVisibility: true,
  status: 'IN_PROGRESS',
  completionPercent: 0,
  overdue: false,
  focusItems: [
    { focusType: 'SCORE', focusId: 'tools' },
    { focusType: 'HI', focusId: null },
  ],
  hierarchyIds: [DEMO.area],
  assignees: [{ ...marc, status: 'IN_PROGRESS', startedAt: '2026-09-11T09:00:00.000Z', finishedAt: null }],
  dueDate: '2026-12-14T09:00:00.000Z',
  startedAt: '2026-09-11T09:00:00.000Z',
  finishedAt: null,
  noteCount: 2,
  createdBy: DEMO.ana,
  createdAt: '2026-08-22T09:00:00.000Z',
  updatedAt: '2026-09-11T09:00:00.000Z',
}

export const exampleNewAction: NewAction = {
  planId: DEMO.plan,
  title: 'Two hours without meetings every morning',
  description: 'Until ten o’clock calendars stay free; what is urgent is called.',
  focusItems: [{ focusType: 'SCORE', focusId: 'focus-time' }],
  hierarchyIds: [DEMO.area],
  assigneeIds: [DEMO.marc, DEMO.noa],
  dueDate: '2027-03-31',
}

const unstarted = { status: 'NOT_STARTED', startedAt: null, finishedAt: null } as const

export const exampleCreatedAction: ActionView = {
  ...exampleAction,
  id: '6ac9f05b27d1c8e04b93a6f5',
  title: 'Two hours without meetings every morning',
  description: 'Until ten o’clock calendars stay free; what is urgent is called.',
  status: 'NOT_STARTED',
  focusItems: [{ focusType: 'SCORE', focusId: 'focus-time' }],
  assignees: [
    { ...marc, ...unstarted },
    { userId: DEMO.noa, name: 'Noa Levi', active: true, ...unstarted },
  ],
  dueDate: '2027-03-31T21:59:59.999Z',
  startedAt: null,
  noteCount: 0,
  createdAt: '2026-10-10T08:31:55.000Z',
  updatedAt: '2026-10-10T08:31:55.000Z',
}

export const exampleActionPatch: ActionPatch = {
  description: 'Order three weeks ahead; the checklist lives with the service desk.',
  dueDate: '2027-02-26',
}

export const exampleChangedAction: ActionView = {
  ...exampleAction,
  description: 'Order three weeks ahead; the checklist lives with the service desk.',
  dueDate: '2027-02-26T22:59:59.999Z',
  updatedAt: '2026-10-10T08:32:20.000Z',
}

export const exampleTransition: Transition = { to: 'COMPLETED', assigneeId: DEMO.marc }

export const exampleCompletedAction: ActionView = {
  ...exampleAction,
  status: 'COMPLETED',
  completionPercent: 100,
  assignees: [
    {
      ...marc,
      status: 'COMPLETED',
      startedAt: '2026-09-11T09:00:00.000Z',
      finishedAt: '2026-10-10T08:33:10.000Z',
    },
  ],
  finishedAt: '2026-10-10T08:33:10.000Z',
  updatedAt: '2026-10-10T08:33:10.000Z',
}

export const exampleNote: NoteView = {
  id: DEMO.note,
  actionId: DEMO.action,
  authorId: DEMO.marc,
  authorName: 'Marc Oliver',
  text: 'Supplier confirmed; four of six machines arrived.',
  createdAt: '2026-09-23T09:00:00.000Z',
}

export const exampleNewNote: NewNote = { text: 'The last two machines come on Monday.' }

export const exampleCreatedNote: NoteView = {
  ...exampleNote,
  id: '6ac9f0c813f7a2d59e046b8c',
  authorId: DEMO.ana,
  authorName: 'Ana García',
  text: 'The last two machines come on Monday.',
  createdAt: '2026-10-10T08:33:44.000Z',
}
