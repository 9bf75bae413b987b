import type { Status } from '../../db/enums.ts'

/** The colour of each status where it stands without its word: tabs of sheets. The template's chart and bars use the same. */
export const STATUS_COLORS = {
  NOT_STARTED: '#8a94a3',
  IN_PROGRESS: '#2563eb',
  COMPLETED: '#15803d',
  CANCELLED: '#7c3aed',
  EXPIRED: '#ea580c',
} as const satisfies Record<Status, string>
