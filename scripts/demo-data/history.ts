/** What happened to the plans of a demo company, as entries of its history. */
import type { BatchItem } from 'drizzle-orm/batch'
import type { DrizzleD1Database } from 'drizzle-orm/d1'
import { type AssigneeState, derive } from '../../src/actions/lifecycle.ts'
import type { ChangeType, Status } from '../../src/db/enums.ts'
import { history } from '../../src/db/schema.ts'
import { ROW_BYTES } from '../../src/platform/limits.ts'
import { byteLengthOf } from '../../src/platform/text.ts'

type Changes = Record<string, { before: unknown; after: unknown }>

export interface Happened {
  /** Unix milliseconds. */
  at: number
  actorId: string
  type: ChangeType
  planId: string
  actionId: string | null
  title: string
  changes?: Changes
}

/** The inserts of entries, numbered in the order of their times; each is a statement, and carries its own bytes. */
export function entryInserts(
  database: DrizzleD1Database,
  companyId: string,
  happened: readonly Happened[],
  idOf: (entry: Happened, number: number) => string,
): BatchItem<'sqlite'>[] {
  const inOrder = happened.toSorted((one, other) => one.at - other.at)
  return inOrder.map((entry, index) => {
    const number = index + 1
    const changes = JSON.stringify(entry.changes ?? {})
    const batchBytes = ROW_BYTES + byteLengthOf(entry.title) + byteLengthOf(changes)
    const row = { ...entry, id: idOf(entry, number), companyId, number, changes, batchBytes }
    return database.insert(history).values({ ...row, recordedAt: entry.at, via: 'SESSION' })
  })
}

/** The steps that led the assignees to their states: who took one, when, and what it changed. */
export function stepsTo(assignees: readonly AssigneeState[]): { at: number; by: string; changes: Changes }[] {
  let states = assignees.map(({ userId }): AssigneeState => ({ ...NOT_STARTED, userId }))
  const steps = assignees.flatMap(({ userId, status, startedAt, finishedAt }) => [
    ...(startedAt === null ? [] : [{ at: startedAt, userId, status: 'IN_PROGRESS' as const, startedAt }]),
    ...(finishedAt === null ? [] : [{ at: finishedAt, userId, status, startedAt, finishedAt }]),
  ])
  return steps
    .toSorted((one, other) => one.at - other.at)
    .map(({ at, userId, ...state }) => {
      const before = states
      states = before.map((each) => (each.userId === userId ? { ...each, ...state } : each))
      const [was, is] = [derive(before).status, derive(states).status]
      const from = before.find((each) => each.userId === userId)?.status
      return {
        at,
        by: userId,
        changes: {
          ...(was === is ? {} : { status: { before: was, after: is } }),
          assignees: { before: [{ userId, status: from }], after: [{ userId, status: state.status }] },
        },
      }
    })
}

const NOT_STARTED = { status: 'NOT_STARTED' satisfies Status, startedAt: null, finishedAt: null } as const
