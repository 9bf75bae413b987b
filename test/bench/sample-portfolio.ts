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
