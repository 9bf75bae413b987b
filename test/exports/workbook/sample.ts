import type {
  WorkbookAction,
  WorkbookActionDetail,
  WorkbookContent,
  WorkbookNote,
} from '../../../src/exports/workbook/content.ts'
import type { Status } from '../../../src/db/enums.ts'

const DAY = 86_400_000
const START = Date.UTC(2026, 8, 1, 8, 30)
const EXPORTED = START + 60 * DAY

const TITLES = [
  'Weekly one-to-ones with every team lead',
  'Publish salary bands for all engineering levels',
  'Exit interviews: share findings each quarter',
  'Mentoring programme for the first 90 days',
  'Recognition budget of 20 € per person and month',
  'Meeting-free Wednesday afternoons',
  'Train 12 managers in giving feedback',
  'Review on-call rota / compensation',
  'Career paths for customer support',
  'Quiet room on the third floor',
  'Pulse survey after the reorganisation',
  'Anonymous question box for all-hands',
]
const PEOPLE = ['Ana García', 'Marc Dubois', 'Noa Levi', 'Jonas Weber', 'Lucía Fernández']
const AREAS = ['Engineering', 'Customer Support', 'Sales EMEA', 'Operations']
const SOME_STATUSES: Status[] = [
  'COMPLETED',
  'IN_PROGRESS',
  'NOT_STARTED',
  'COMPLETED',
  'IN_PROGRESS',
  'EXPIRED',
  'CANCELLED',
]
const NOTES = [
  'Kick-off held with all leads. They asked for a short guide with example questions, which is now on the wiki.',
  'Two teams are still missing.\nNext check on Monday.',
  'Feedback so far: people value the fixed slot more than its length.',
]

const pick = <Item>(items: readonly Item[], index: number): Item => {
  const item = items[index % items.length]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

const idOf = (first: string, index: number): string => first + index.toString(16).padStart(23, '0')

const area = (index: number): { id: string; name: string } => ({
  id: idOf('c', index % AREAS.length),
  name: pick(AREAS, index),
})

/** An action such as a real plan has, the same for the same index. */
export function sampleAction(index: number, assigneeCount = (index % 3) + 1): WorkbookAction {
  const status = pick(SOME_STATUSES, index)
  const startedAt = status === 'NOT_STARTED' ? null : START + index * DAY
  const finishedAt = status === 'NOT_STARTED' || status === 'IN_PROGRESS' ? null : START + (index + 21) * DAY
  // What has expired was due before the export.
  const dueIn = status === 'EXPIRED' ? 30 + (index % 28) : index % 6 === 2 ? null : 30 + ((index * 5) % 120)
  const dueDate = dueIn === null ? null : START + dueIn * DAY
  return {
    id: idOf('a', index),
    title: index < TITLES.length ? pick(TITLES, index) : `${pick(TITLES, index)} (${index + 1})`,
    actionType: index % 4 === 3 ? 'COMPANY' : 'MANAGER',
    status,
    completionPercent:
      status === 'COMPLETED' ? 100 : status === 'IN_PROGRESS' ? pick([33, 50, 66], index) : 0,
    overdue: dueDate !== null && dueDate < EXPORTED && status !== 'COMPLETED' && status !== 'CANCELLED',
    assignees: Array.from({ length: assigneeCount }, (_, nth) => ({
      userId: idOf('b', (index + nth) % PEOPLE.length),
      name: pick(PEOPLE, index + nth),
      active: (index + nth) % 5 !== 3,
      status,
      startedAt,
      finishedAt,
    })),
    hierarchies: index % 3 === 0 ? [] : [area(index), ...(index % 2 === 0 ? [area(index + 1)] : [])],
    focusItems:
      index % 2 === 0
        ? [{ focusType: 'SCORE', focusId: 'leadership' }]
        : index % 3 === 0
          ? [{ focusType: 'ENPS', focusId: null }]
          : [],
    dueDate,
    startedAt,
    finishedAt,
    noteCount: index % 4,
  }
}

/** What only the sheet of that action shows. */
export function sampleDetail(index: number, noteCount = index % 4): SampleDetail {
  return {
    description:
      'Managers told us in the spring survey that feedback comes too late. ' +
      'A fixed half hour a week gives both sides a place for it.\n\nDone when every lead has held four in a row.',
    origin: pick(['MANUAL', 'SUGGESTION', 'AI'] as const, index),
    visibility: index % 5 === 0 ? 'PRIVATE' : 'PUBLIC',
    creatorName: index % 7 === 6 ? null : pick(PEOPLE, index),
    createdAt: START + index * 3_600_000,
    updatedAt: START + (index + 9) * DAY,
    notes: Array.from({ length: noteCount }, (_, nth) => ({
      authorName: pick(PEOPLE, index + nth + 1),
      createdAt: START + (index + nth) * DAY,
      text: pick(NOTES, nth),
    })),
  }
}

/** Content whose actions and notes are all in memory; a real export reads them in portions. */
export interface SampleContent extends WorkbookContent {
  actions: readonly WorkbookAction[]
  details: AsyncIterable<SampleDetail>
}

export interface SampleDetail extends WorkbookActionDetail {
  notes: readonly WorkbookNote[]
}

/** A plan of `size` actions, with whatever a test wants different. */
export function sampleContent(size: number, changes: Partial<SampleContent> = {}): SampleContent {
  const actions = Array.from({ length: size }, (_, index) => sampleAction(index))
  const content: SampleContent = {
    locale: 'en',
    timeZone: 'Europe/Madrid',
    plan: {
      id: idOf('d', 0),
      title: 'Raise engagement after the merger',
      description:
        'What we agreed with the works council in September: more feedback, clearer paths, calmer weeks.',
      visibility: 'PRIVATE',
      creatorName: 'Ana García',
      createdAt: START - 7 * DAY,
      completionPercent:
        size === 0
          ? 0
          : Math.floor((100 * actions.filter(({ status }) => status === 'COMPLETED').length) / size),
    },
    companyName: 'Acme',
    accentColor: '#1d4ed8',
    exportedAt: EXPORTED,
    exportedBy: 'Ana García',
    hasHiddenActions: false,
    actions,
    volume: { number: 1, of: 1, first: 0, count: size, starts: [0] },
    details: (async function* () {})(),
    ...changes,
  }
  if (changes.details !== undefined) return content
  const { first, count } = content.volume
  return {
    ...content,
    details: detailsOf(Array.from({ length: count }, (_, index) => sampleDetail(first + index))),
  }
}

/** The details as the builder takes them: one by one. */
export async function* detailsOf(details: readonly SampleDetail[]): AsyncGenerator<SampleDetail> {
  yield* details
}
