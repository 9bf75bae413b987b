/** Examples for the reference: a plan of the demo data (platform/demo.ts), shown with one of its actions. */
import { exampleAction } from '../actions/examples.ts'
import { DEMO } from '../platform/demo.ts'
import type { NewPlan, PlanPatch, PlanView } from './schemas.ts'

export const examplePlan: PlanView = {
  id: DEMO.plan,
  companyId: DEMO.company,
  title: 'A better first ninety days',
  description: 'By the end of the quarter everyone starts with a plan, a buddy and working tools.',
  visibility: 'PUBLIC',
  completionPercent: 20,
  actions: [exampleAction],
  createdBy: DEMO.ana,
  createdAt: '2026-08-20T09:00:00.000Z',
  updatedAt: '2026-08-20T09:00:00.000Z',
}

export const exampleNewPlan = {
  title: 'Quieter mornings',
  description: 'People told us that they find no time to think. Mornings become quiet.',
  visibility: 'PUBLIC',
} satisfies NewPlan

export const exampleCreatedPlan: PlanView = {
  ...examplePlan,
  ...exampleNewPlan,
  id: '6ac9f10e5b8d4c27f0a1936e',
  completionPercent: 0,
  actions: [],
  createdAt: '2026-10-10T08:34:54.000Z',
  updatedAt: '2026-10-10T08:34:54.000Z',
}

export const examplePlanPatch = {
  description: 'By the end of the year everyone starts with a plan, a buddy and working tools.',
} satisfies PlanPatch

export const exampleChangedPlan: PlanView = {
  ...examplePlan,
  ...examplePlanPatch,
  updatedAt: '2026-10-10T08:35:30.000Z',
}
