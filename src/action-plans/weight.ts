/** What a plan weighs by itself, see actions/weight.ts. Pure. */
import { jsonBytesOf } from '../platform/text.ts'

/** Everything but its texts, about. */
const PLAN_BYTES = 350

interface PlanTexts {
  title: string
  description: string
}

/** The plan without its actions, in bytes. */
export function emptyPlanBytes({ title, description }: PlanTexts): number {
  return PLAN_BYTES + jsonBytesOf(title) + jsonBytesOf(description)
}

/** What a change of its texts adds, in bytes; negative when they get shorter. */
export function growthOf(before: PlanTexts, after: PlanTexts): number {
  return emptyPlanBytes(after) - emptyPlanBytes(before)
}
