/** The weight of a plan without its actions (actions/weight.ts explains weights). Pure. */
import { jsonBytesOf } from '../platform/text.ts'

/** Approximate bytes of a plan's JSON without its texts. */
const PLAN_BYTES = 350

interface PlanTexts {
  title: string
  description: string
}

/** Weight of the plan without its actions, in bytes. */
export function emptyPlanBytes({ title, description }: PlanTexts): number {
  return PLAN_BYTES + jsonBytesOf(title) + jsonBytesOf(description)
}

/** Bytes that a change of the texts adds; negative if they get shorter. */
export function growthOf(before: PlanTexts, after: PlanTexts): number {
  return emptyPlanBytes(after) - emptyPlanBytes(before)
}
