/** A portfolio of any size whose texts compress badly, made while it is read. */
import type {
  PortfolioAction,
  PortfolioContent,
  PortfolioPlan,
} from '../../src/exports/workbook/portfolio/content.ts'

const AREAS = 200
const ACTIONS_IN_A_PLAN = 10
const NOW = Date.UTC(2026, 10, 26)
const DAY = 24 * 3_600_000
const STATUSES = ['NOT_STARTED', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED', 'EXPIRED'] as const

const idOf = (number: number) => number.toString(16).padStart(24, '0')

/** Numbers instead of words, since repeated words would compress too well. */
function textOf(index: number, length: number): string {
  const words = Array.from({ length: length / 8 }, (_, word) => (index * 7919 + word * 1_299_709) % 9_999_991)
  return words.join(' ').slice(0, length)
}

function actionOf(index: number, textLength: number): PortfolioAction {
  const assignee = (nth: number) => {
    const number = (index * 3 + nth) % 1_000
    return {
      userId: idOf(number),
      name: `Person ${number}`,
      email: `person-${number}@acme.test`,
      active: true,
    }
  }
  const status = STATUSES[index % STATUSES.length] ?? 'NOT_STARTED'
  const dueDate = NOW + ((index * 37) % 700) * DAY - 350 * DAY
  return {
    ...{
      planId: idOf(Math.floor(index / ACTIONS_IN_A_PLAN)),
      planTitle: `Plan ${index}`,
      planVisibility: 'PUBLIC',
      planDescription: null,
    },
    ...{ actionId: idOf(1e9 + index), title: textOf(index, 80), description: textOf(index + 1, textLength) },
    ...{ actionType: 'MANAGER', origin: 'MANUAL', visibility: 'PUBLIC', status, completionPercent: 33 },
    ...{ overdue: dueDate < NOW, assignees: [0, 1, 2].map(assignee) },
    areas: [index % AREAS, (index * 7) % AREAS],
    focusItems: [{ focusType: 'SCORE', focusId: `topic-${index % 50}` }],
    ...{
      dueDate,
      startedAt: dueDate - 30 * DAY,
      finishedAt: status === 'COMPLETED' ? dueDate : null,
      noteCount: 2,
    },
    ...{ creatorName: 'Ana García', creatorEmail: 'ana@acme.test' },
    ...{ createdAt: NOW - 400 * DAY + index, updatedAt: NOW - index },
  }
}

function planOf(index: number): PortfolioPlan {
  return {
    ...{
      planId: idOf(index),
      title: `Plan ${index}`,
      visibility: 'PUBLIC',
      creatorName: 'Ana García',
      createdAt: NOW,
    },
    ...{
      notStarted: 2,
      inProgress: 2,
      completed: 2,
      cancelled: 2,
      expired: 2,
      overdue: 3,
      nextDue: NOW + DAY,
    },
  }
}

/** @param textLength of each description, in characters */
export function samplePortfolio(size: number, textLength: number): PortfolioContent {
  const planCount = Math.ceil(size / ACTIONS_IN_A_PLAN)
  return {
    ...{ locale: 'en', timeZone: 'Europe/Madrid', companyName: 'Acme', accentColor: '#1d4ed8', filter: {} },
    ...{ exportedAt: NOW, exportedBy: 'Ana García', planCount },
    async *plans() {
      for (let index = 0; index < planCount; index += 1) yield planOf(index)
    },
    areas: Array.from({ length: AREAS }, (_, index) => ({
      ...{
        id: idOf(2e9 + index),
        name: `Area ${index}`,
        path: `Acme / Area ${index}`,
        level: index === 0 ? 0 : 1,
      },
    })),
    actions: {
      length: size,
      async *slice(start, end) {
        for (let index = start; index < end; index += 1) yield actionOf(index, textLength)
      },
    },
    volume: { number: 1, of: 1, first: 0, count: size },
  }
}

const TITLES = [
  'Laptop and accounts ready on day one',
  'A buddy for every new joiner',
  'Flexible hours in the warehouse',
  'Two hours without meetings every morning',
  'Five minutes of thanks in each weekly meeting',
  'Quiet rooms on each floor',
]
const PLANS = ['A better first ninety days', 'Recognition that people notice', 'Calmer weeks']
const PEOPLE = ['Ana García', 'Marc Oliver', 'Noa Levi']
const PLACES = [
  ['Acme', 0],
  ['Operations', 1],
  ['Warehouse', 2],
  ['Customer care', 2],
  ['Technology', 1],
  ['Platform', 2],
  ['Data', 2],
  ['People', 1],
  ['Sales', 1],
] as const

/** A portfolio as a company might have it, to be looked at. */
export function plausiblePortfolio(size: number): PortfolioContent {
  const base = samplePortfolio(size, 200)
  const planCount = Math.min(PLANS.length, size)
  const pick = (texts: readonly string[], index: number) => texts[index % texts.length] ?? ''
  return {
    ...base,
    planCount,
    async *plans() {
      for (let index = 0; index < planCount; index += 1) yield { ...planOf(index), title: pick(PLANS, index) }
    },
    areas: PLACES.map(([name, level], index) => ({ id: idOf(2e9 + index), name, path: name, level })),
    actions: {
      length: size,
      async *slice(start, end) {
        for (let index = start; index < end; index += 1) {
          const { assignees, ...action } = actionOf(index * 5 + (index % 7), 8)
          yield {
            ...action,
            ...{ title: pick(TITLES, index), description: 'What to do about it, in a sentence.' },
            ...{ planTitle: pick(PLANS, index), overdue: action.overdue && action.status !== 'COMPLETED' },
            assignees: assignees.slice(0, 1).map((each) => ({ ...each, name: pick(PEOPLE, index) })),
            areas: index % 5 === 0 ? [] : [index % PLACES.length],
          }
        }
      },
    },
  }
}
