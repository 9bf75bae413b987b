/** What needs attention: the most urgent of any number of actions, few of them kept at a time. Pure. */
import type { Status } from '../../db/enums.ts'

/** Days ahead within which a due date needs attention. */
const SOON_DAYS = 30

/** The facts of an action that decide its urgency. Days are whole days in the company's time zone. */
export interface Urgency {
  status: Status
  overdue: boolean
  /** Day of the due date; null if there is none. */
  dueDay: number | null
}

/** One kind of urgency: how many actions there are, and the most urgent of them, the most urgent first. */
export interface Urgent<Item> {
  count: number
  first: readonly Item[]
}

export interface Attention<Item> {
  overdue: Urgent<Item>
  /** Not overdue, due within `SOON_DAYS`. */
  dueSoon: Urgent<Item>
  /** Neither of these, and nobody has begun; those added first come first. */
  notStarted: Urgent<Item>
}

/** Gathers what needs attention from actions that are added one by one, and keeps at most `limit` of each kind. */
export function gatherAttention<Item>(
  today: number,
  limit: number,
): { add(urgency: Urgency, item: Item): void; result(): Attention<Item> } {
  const overdue = mostUrgent<Item>(limit)
  const dueSoon = mostUrgent<Item>(limit)
  const notStarted = mostUrgent<Item>(limit)
  return {
    add({ status, overdue: isOverdue, dueDay }, item) {
      const isOpen = status === 'NOT_STARTED' || status === 'IN_PROGRESS'
      if (isOverdue) overdue.add(dueDay ?? 0, item)
      else if (isOpen && dueDay !== null && dueDay <= today + SOON_DAYS) dueSoon.add(dueDay, item)
      else if (status === 'NOT_STARTED') notStarted.add(0, item)
    },
    result: () => ({
      overdue: overdue.result(),
      dueSoon: dueSoon.result(),
      notStarted: notStarted.result(),
    }),
  }
}

/** Keeps the `limit` items of the lowest rank; of equal ranks those that were added first. */
function mostUrgent<Item>(limit: number) {
  let count = 0
  const kept: { rank: number; item: Item }[] = []
  return {
    add(rank: number, item: Item): void {
      count += 1
      const place = kept.findLastIndex((each) => each.rank <= rank) + 1
      if (place >= limit) return
      kept.splice(place, 0, { rank, item })
      kept.length = Math.min(kept.length, limit)
    },
    result: (): Urgent<Item> => ({ count, first: kept.map(({ item }) => item) }),
  }
}
