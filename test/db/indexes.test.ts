import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import * as planStore from '../../src/action-plans/store.ts'
import { planForAction, usersNamed } from '../../src/actions/change-store.ts'
import { expireActions } from '../../src/actions/expiry-store.ts'
import type { ActionFilter } from '../../src/actions/filter.ts'
import { noteById, notePage } from '../../src/actions/notes-store.ts'
import { actionById, actionPage, outlinedActions } from '../../src/actions/store.ts'
import * as freezeStore from '../../src/exports/freeze-store.ts'
import * as exportStore from '../../src/exports/store.ts'
import * as sweepStore from '../../src/exports/sweep-store.ts'
import * as hierarchyStore from '../../src/people/hierarchy-store.ts'
import { countHandedOver } from '../../src/people/reassignment-store.ts'
import * as peopleStore from '../../src/people/store.ts'
import { newMeter, openDatabase } from '../../src/platform/database.ts'
import { findRecord, keepAnswer, sweepRecords } from '../../src/platform/idempotency.ts'
import { viewerStatement } from '../../src/platform/session.ts'
import * as sessionStore from '../../src/sessions/store.ts'

const database = openDatabase(env.DB, newMeter())
const NOW = 1_800_000_000_000
const look = { companyId: 'c', userId: 'u', now: NOW }
const slice = { from: 20, limit: 10 }
const caller = { sessionId: 's', userId: 'u', companyId: 'c', expiresAt: NOW }
const key = { userId: 'u', endpoint: 'POST /x', key: 'k', bodyHash: 'h' }
const EMPTY = { status: 200, body: '', headers: {}, tag: 'none' } as const
const MOST = 1_000_000
const code = {
  id: 'i',
  emailKey: 'e',
  emailHash: 'h',
  addressHash: 'a',
  locale: 'en',
  now: NOW,
  limited: true,
} as const

interface Built {
  sql: string
  params: unknown[]
}

/** What drizzle would send: raw statements say it with `getQuery`, built ones with `toSQL`. */
function built(statement: object): Built {
  const source = statement as { getQuery?: () => Built; toSQL?: () => Built }
  const query = source.getQuery?.() ?? source.toSQL?.()
  if (!query) throw new Error('not a statement of drizzle')
  return query
}

/** What SQLite would do, a step a line. */
async function stepsOf(statement: object): Promise<string[]> {
  const { sql, params } = built(statement)
  const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .bind(...params)
    .all<{ detail: string }>()
  return results.map(({ detail }) => detail)
}

/** Steps that walk a whole table or index; results of inner queries, JSON lists and recursions are none. */
function scansIn(steps: readonly string[]): string[] {
  return steps.filter(
    (step) =>
      step.startsWith('SCAN') &&
      !/^SCAN (\(subquery-\d+\)|json_each VIRTUAL|CONSTANT ROW|up$|e$|page$|shown$|newest$)/.test(step),
  )
}

const filters: Record<string, ActionFilter> = {
  status: { status: 'COMPLETED' },
  'status in progress': { status: 'IN_PROGRESS' },
  'status expired': { status: 'EXPIRED' },
  focusType: { focusType: 'ENPS' },
  hierarchyId: { hierarchyId: 'h' },
  assigneeId: { assigneeId: 'u' },
  actionType: { actionType: 'COMPANY' },
  'all but q': {
    status: 'EXPIRED',
    focusType: 'HI',
    hierarchyId: 'h',
    assigneeId: 'u',
    actionType: 'MANAGER',
  },
}

const lists = Object.entries({ none: {}, ...filters }).flatMap(
  ([name, filter]): [string, readonly object[]][] => [
    [`plans by ${name}`, planStore.planPage(database, filter, look, slice, MOST)],
    [`actions by ${name}`, actionPage(database, filter, look, slice, MOST)],
    [`actions of a plan by ${name}`, actionPage(database, { ...filter, planId: 'p' }, look, slice, MOST)],
  ],
)

const statements: [string, readonly object[]][] = [
  ...lists,
  [
    'a plan with what may be read of it',
    [planStore.planById(database, 'c', 'p'), ...planStore.shownActions(database, 'p', look, MOST)],
  ],
  [
    'plans and actions by id',
    [planStore.plansById(database, 'c', ['p']), outlinedActions(database, look, [])],
  ],
  ['what the tag of a plan is made of', [planStore.shownRevisions(database, 'p', look, true)]],
  ['an action', [actionById(database, 'c', 'a')]],
  ['what a change of an action names', [planForAction(database, 'c', 'p'), usersNamed(database, 'c', ['u'])]],
  ['notes', [notePage(database, 'a', slice, MOST), noteById(database, 'a', 'n')]],
  ['the clean-up of expiries', expireActions(database, NOW)],
  ['the session', [viewerStatement(database, caller, NOW)]],
  ['a kept answer', [findRecord(database, key, NOW), sweepRecords(database, NOW)]],
  ['an older answer', keepAnswer(database, key, EMPTY, NOW).slice(0, 1)],
  ['a new sign-in code', [sessionStore.insertCode(database, code)]],
  ['signing in', [sessionStore.spendTry(database, 'h', NOW), sessionStore.codeRecipient(database, 'i', NOW)]],
  [
    'opening a session',
    sessionStore.openSession(database, { id: 'i', codeId: 'k', siblings: ['j'], now: NOW, expiresAt: NOW }),
  ],
  [
    'signing out',
    [
      sessionStore.liveSessions(database, 'u', NOW),
      sessionStore.revokeSessions(database, 'u', null, NOW),
      sessionStore.revokeSessions(database, 'u', 's', NOW),
    ],
  ],
  [
    'the mail of a sign-in code',
    [sessionStore.setMailDue(database, 'k', null), sessionStore.takeOverdueMails(database, NOW)],
  ],
  ['the clean-up of sign-ins', sessionStore.sweepSignIns(database, NOW)],
  ['the company', [peopleStore.companyById(database, 'c'), peopleStore.addressOwner(database, 'x@y.test')]],
  ['users', peopleStore.userPage(database, 'c', {}, slice)],
  ['users by role', peopleStore.userPage(database, 'c', { role: 'ADMIN', active: true }, slice)],
  ['a user', [peopleStore.userById(database, 'c', 'u'), peopleStore.countOtherAdmins(database, 'c', 'u')]],
  ['what a user would hand over', [countHandedOver(database, 'c', 'u', NOW)]],
  [
    'areas',
    [
      hierarchyStore.companyTree(database, 'c', MOST),
      hierarchyStore.treeSize(database, 'c'),
      hierarchyStore.hierarchyById(database, 'c', 'h'),
      hierarchyStore.isInside(database, 'h', 'g'),
    ],
  ],
  ['exports', exportStore.exportPage(database, 'u', slice)],
  ['an export', exportStore.exportById(database, 'e', 'c')],
  [
    'an export to make',
    [exportStore.planToExport(database, 'c', 'p'), exportStore.requesterOf(database, 'e')],
  ],
  ['freezing a plan', freezeStore.beginBuild(database, 'e', NOW, NOW)],
  [
    'taking an export up',
    [
      exportStore.takeUp(database, 'e', NOW),
      exportStore.putDown(database, 'e', NOW, NOW, 1),
      exportStore.prolongLease(database, 'e', NOW, NOW),
      exportStore.giveBackUntried(database, 'e', NOW, NOW),
      exportStore.slotsOf(database, 'c'),
      exportStore.waitingExports(database, 'c'),
      exportStore.markWaiting(database, 'e', NOW),
    ],
  ],
  ['failing an export', exportStore.failExport(database, 'e', { code: 'x', detail: '' }, 'if-entitled', NOW)],
  [
    'a frozen plan',
    [
      freezeStore.frozenOutline(database, 'e'),
      freezeStore.frozenAreas(database, 'e', ''),
      freezeStore.frozenActions(database, 'e', 0, 9),
      ...freezeStore.frozenDetails(database, 'e', 0, 9),
      freezeStore.frozenNotes(database, 'e', 0, ['n']),
    ],
  ],
  [
    'overdue exports',
    [sweepStore.takeOverdue(database, NOW, 300_000), ...sweepStore.giveUpOld(database, NOW)],
  ],
  ['files to delete', [sweepStore.expiredFiles(database, NOW), sweepStore.exportsWithFiles(database, ['e'])]],
  ['rows to delete', [sweepStore.deleteOldRows(database, NOW)]],
]

describe('no table is walked for', () => {
  it.each(statements)('%s', async (_, list) => {
    for (const statement of list) {
      const steps = await stepsOf(statement)
      expect(steps.length).toBeGreaterThan(0)
      expect(scansIn(steps), built(statement).sql).toEqual([])
    }
  })

  it('anything, but this test would see it', async () => {
    expect(scansIn(await stepsOf(database.all('SELECT id FROM actions WHERE title = 1')))).toHaveLength(1)
    expect(scansIn(await stepsOf(database.all('SELECT count(*) FROM actions')))).toHaveLength(1)
  })
})

describe('each filter narrows through its index', () => {
  it.each([
    ['status', /^SEARCH a USING INDEX actions_by_status \(company_id=\? AND status=\?\)/],
    ['status in progress', /^SEARCH a USING INDEX actions_by_status \(company_id=\? AND status=\?\)/],
    [
      'status expired',
      /^SEARCH actions USING INDEX actions_by_status \(company_id=\? AND status=\? AND expires_at<\?\)/,
    ],
    ['focusType', /COVERING INDEX focus_items_by_type \(company_id=\? AND focus_type=\?\)/],
    ['hierarchyId', /COVERING INDEX action_hierarchies_by_hierarchy \(hierarchy_id=\?\)/],
    ['assigneeId', /COVERING INDEX assignees_by_user \(user_id=\?\)/],
    ['actionType', /^SEARCH a USING INDEX actions_by_type \(company_id=\? AND action_type=\?\)/],
  ])('%s', async (name, index) => {
    const filter = filters[name] ?? {}
    for (const [total] of [
      planStore.planPage(database, filter, look, slice, MOST),
      actionPage(database, filter, look, slice, MOST),
    ]) {
      const steps = await stepsOf(total)
      expect(
        steps.some((step) => index.test(step)),
        steps.join('\n'),
      ).toBe(true)
      // The index would be of no use if all actions of the company were held against what it found.
      expect(steps.filter((step) => /^SEARCH a .*\(company_id=\?\)/.test(step))).toEqual([])
    }
  })

  it('planId, whatever else is asked for', async () => {
    for (const filter of Object.values({ none: {}, q: { q: 'x' }, ...filters })) {
      for (const statement of actionPage(database, { ...filter, planId: 'p' }, look, slice, MOST)) {
        const steps = await stepsOf(statement)
        expect(
          steps.filter((step) => /^SEARCH a .*company_id/.test(step)),
          JSON.stringify(filter),
        ).toEqual([])
      }
    }
  })
})
