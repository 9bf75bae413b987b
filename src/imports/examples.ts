/** Examples for the reference: two plans, of which the demo data has the people and areas (platform/demo.ts). */
import type { ImportView } from './schemas.ts'

const plans = [
  {
    externalId: 'offsite-2026/meetings',
    title: 'Meetings that end on time',
    visibility: 'PUBLIC',
    actions: [
      {
        externalId: 'offsite-2026/meetings/1',
        title: 'Every invitation has a purpose and an end',
        dueDate: '2027-01-29',
        assignees: ['marc@acme.test'],
        focusItems: [{ focusType: 'SCORE', focusId: 'focus-time' }],
        notes: [{ text: 'Agreed at the offsite.' }],
      },
      {
        externalId: 'offsite-2026/meetings/2',
        title: 'No meetings on Friday afternoons',
        status: 'IN_PROGRESS',
        startedAt: '2026-09-01',
      },
    ],
  },
  { externalId: 'offsite-2026/onboarding', title: 'A buddy for everyone who joins', actions: [] },
]

/** A plan a line. */
export const exampleFile = plans.map((plan) => `${JSON.stringify(plan)}\n`).join('')

export const exampleImport: ImportView = { plans: 2, actions: 2, created: 4, unchanged: 0, errors: [] }
