/**
 * The facets of an action: its status, its type and the types of its focus items as bits of a whole number, so that one
 * comparison tells whether an action, or any action of a plan, meets the filters on all three.
 */
import { ACTION_TYPES, type ActionType, type FocusType, type Status, STATUSES } from '../db/enums.ts'

/** An action without focus items. */
const NO_FOCUS = 1

export const FOCUS_BITS = { SCORE: 2, HI: 4, ENPS: 8 } as const satisfies Record<FocusType, number>

/** `actions.focus_bits`: the union of the bits of its focus types. */
export function focusBitsOf(items: readonly { focusType: FocusType }[]): number {
  return items.reduce((bits, { focusType }) => bits | FOCUS_BITS[focusType], 0) || NO_FOCUS
}

/** All values that `actions.focus_bits` can have with a focus item of that type; all of them without a type. */
export function focusSetsWith(focusType: FocusType | undefined): readonly number[] {
  const all = [NO_FOCUS, 2, 4, 6, 8, 10, 12, 14]
  return focusType === undefined ? all : all.filter((bits) => (bits & FOCUS_BITS[focusType]) !== 0)
}

export interface FacetFilter {
  status?: Status | undefined
  actionType?: ActionType | undefined
  focusType?: FocusType | undefined
}

/**
 * The facets that meet the filters: `facets & facetMask(filter)` is not 0 if an action, or one of a plan's, meets all of
 * them. Bit 8 · status + 4 · type + focus type, 40 bits in all; the column `actions.facets` is made in the same way.
 */
export function facetMask({ status, actionType, focusType }: FacetFilter): number {
  const focus = focusType === undefined ? NO_FOCUS + 2 + 4 + 8 : FOCUS_BITS[focusType]
  let mask = 0
  for (const [statusIndex, oneStatus] of STATUSES.entries()) {
    for (const [typeIndex, oneType] of ACTION_TYPES.entries()) {
      const isMeant =
        (status === undefined || status === oneStatus) && (actionType === undefined || actionType === oneType)
      // Multiplied, since JavaScript shifts 32 bits only.
      if (isMeant) mask += focus * 2 ** (8 * statusIndex + 4 * typeIndex)
    }
  }
  return mask
}
