import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import * as planStore from '../../src/action-plans/store.ts'
import { planForAction, usersNamed } from '../../src/actions/change-store.ts'
import { expireActions } from '../../src/actions/expiry-store.ts'
import type { ActionFilter } from '../../src/actions/filter.ts'
import { noteById, notePage } from '../../src/actions/notes-store.ts'
import { actionById, actionPage, outlinedActions } from '../../src/actions/store.ts'
import * as cleanUpStore from '../../src/exports/clean-up-store.ts'
import { failureOf } from '../../src/exports/failures.ts'
import * as freezeStore from '../../src/exports/freeze-store.ts'
import * as leaseStore from '../../src/exports/lease-store.ts'
import * as exportStore from '../../src/exports/store.ts'
import * as companyStore from '../../src/people/company-store.ts'
import * as hierarchyStore from '../../src/people/hierarchy-store.ts'
import * as userStore from '../../src/people/user-store.ts'
import { databaseOf, newMeter } from '../../src/platform/database.ts'
import { findRecord, keepFacts, sweepRecords } from '../../src/platform/idempotency.ts'
import { revokeSessions, viewerStatement } from '../../src/platform/session.ts'
import { countWork } from '../../src/reassignments/store.ts'
import * as sessionStore from '../../src/sessions/store.ts'

const database = databaseOf(env, 'c', newMeter())
const NOW = 1_800_000_000_000
const scope = { companyId: 'c', userId: 'u', now: NOW }
const slice = { from: 20, limit: 10 }
const caller = { sessionId: 's', userId: 'u', companyId: 'c', expiresAt: NOW }
const key = { id: 'i', companyId: 'c', bodyHash: 'h' }
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

/** Steps that walk a whole table or index; inner queries, JSON lists and recursions are not tables. */
function scansIn(steps: readonly string[]): string[] {
  return steps.filter(
    (step) =>
      step.startsWith('SCAN') &&
      !/^SCAN (\(subquery-\d+\)|json_each VIRTUAL|CONSTANT ROW|up$|page$|shown$|newest$)/.test(step),
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
    [`plans by ${name}`, [planStore.planPage(database, filter, scope, slice, MOST)]],
    [`actions by ${name}`, [actionPage(database, filter, scope, slice, MOST)]],
    [`actions of a plan by ${name}`, [actionPage(database, { ...filter, planId: 'p' }, scope, slice, MOST)]],
  ],
)

const statements: [string, readonly object[]][] = [
  ...lists,
  [
    'a plan with what may be read of it',
    [planStore.planById(database, 'c', 'p'), ...planStore.shownActions(database, 'p', scope, MOST)],
  ],
  [
    'plans and actions by id',
    [planStore.plansById(database, 'c', ['p']), outlinedActions(database, scope, [])],
  ],
  ['what the tag of a plan is made of', [planStore.shownRevisions(database, 'p', scope, true)]],
  ['an action', [actionById(database, 'c', 'a')]],
  ['what a change of an action names', [planForAction(database, 'c', 'p'), usersNamed(database, 'c', ['u'])]],
  ['notes', [notePage(database, 'a', slice, MOST), noteById(database, 'a', 'n')]],
  ['the clean-up of expiries', expireActions(database, NOW)],
  ['the session', [viewerStatement(database, caller, NOW)]],
  ['a kept answer', [findRecord(database, key, NOW), sweepRecords(database, NOW)]],
  ['an older answer', keepFacts(database, key, '{}', NOW).slice(0, 1)],
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
      revokeSessions(database, 'u', null, NOW),
      revokeSessions(database, 'u', 's', NOW),
    ],
  ],
  [
    'the mail of a sign-in code',
    [sessionStore.setMailDue(database, 'k', null), sessionStore.takeOverdueMails(database, NOW)],
  ],
  ['the clean-up of sign-ins', sessionStore.sweepSignIns(database, NOW)],
  ['the company', [companyStore.companyById(database, 'c'), userStore.addressOwner(database, 'x@y.test')]],
  ['users', userStore.userPage(database, 'c', {}, slice)],
  ['users by role', userStore.userPage(database, 'c', { role: 'ADMIN', active: true }, slice)],
  ['a user', [userStore.userById(database, 'c', 'u'), userStore.countOtherAdmins(database, 'c', 'u')]],
  ['what a user would hand over', [countWork(database, 'c', 'u', NOW)]],
  [
    'hierarchies',
    [
      hierarchyStore.companyTree(database, 'c', MOST),
      hierarchyStore.treeSize(database, 'c'),
      hierarchyStore.hierarchyById(database, 'c', 'h'),
      hierarchyStore.findInside(database, 'h', 'g'),
    ],
  ],
  ['exports', exportStore.exportPage(database, 'u', slice)],
  ['an export', exportStore.exportById(database, 'c', 'e')],
  [
    'an export to make',
    [exportStore.planToExport(database, 'c', 'p'), exportStore.requesterOf(database, 'e')],
  ],
  ['freezing a plan', freezeStore.beginBuild(database, 'e', NOW, NOW)],
  [
    'the lease of an export',
    [
      leaseStore.acquireLease(database, 'c', 'e', NOW),
      leaseStore.releaseLease(database, 'e', NOW, NOW, 1),
      leaseStore.prolongLease(database, 'e', NOW, NOW),
      leaseStore.releaseUntried(database, 'e', NOW, NOW),
      leaseStore.findFreeSlot(database, 'e'),
      leaseStore.waitingExports(database, 'c'),
      leaseStore.markWaiting(database, 'e', NOW),
    ],
  ],
  [
    'failing an export',
    exportStore.failExport(database, 'e', {
      failure: failureOf('GAVE_UP'),
      mail: 'if-entitled',
      now: NOW,
      ownLease: NOW,
    }),
  ],
  [
    'a frozen plan',
    [
      freezeStore.frozenOutline(database, 'e'),
      freezeStore.frozenHierarchies(database, 'e', ''),
      freezeStore.frozenActions(database, 'e', 0, 9),
      ...freezeStore.frozenDetails(database, 'e', 0, 9),
      freezeStore.frozenNotes(database, 'e', 0, ['n']),
    ],
  ],
  [
    'overdue exports',
    [cleanUpStore.takeOverdue(database, NOW, 300_000), ...cleanUpStore.giveUpOld(database, NOW)],
  ],
  [
    'files to delete',
    [cleanUpStore.expiredFiles(database, NOW), cleanUpStore.exportsWithFiles(database, ['e'])],
  ],
  ['rows to delete', [cleanUpStore.deleteOldRows(database, NOW)]],
  ['the end of a plan’s exports', exportStore.endExportsOfPlan(database, 'p', NOW)],
  ['where a walk of the sweep stands', [cleanUpStore.orphanCursor(database)]],
]

describe('no table is walked', () => {
  it.each(statements)('for %s', async (_, list) => {
    for (const statement of list) {
      const steps = await stepsOf(statement)
      expect(steps.length).toBeGreaterThan(0)
      expect(scansIn(steps), built(statement).sql).toEqual([])
    }
  })

  it.each(['SELECT id FROM actions WHERE title = 1', 'SELECT count(*) FROM actions'])(
    'without this test seeing it: %s',
    async (query) => {
      expect(scansIn(await stepsOf(database.all(query)))).toHaveLength(1)
    },
  )
})

describe('the filter', () => {
  it.each([
    ['status', /^SEARCH actions USING INDEX actions_by_status \(company_id=\? AND status=\?\)/],
    ['status in progress', /^SEARCH actions USING INDEX actions_by_status \(company_id=\? AND status=\?\)/],
    [
      'status expired',
      /^SEARCH expiring USING INDEX actions_by_status \(company_id=\? AND status=\? AND expires_at<\?\)/,
    ],
    ['focusType', /COVERING INDEX focus_items_by_type \(company_id=\? AND focus_type=\?\)/],
    ['hierarchyId', /COVERING INDEX action_hierarchies_by_hierarchy \(hierarchy_id=\?\)/],
    ['assigneeId', /COVERING INDEX assignees_by_user \(user_id=\?\)/],
    ['actionType', /^SEARCH actions USING INDEX actions_by_type \(company_id=\? AND action_type=\?\)/],
  ])('%s narrows through its index', async (name, index) => {
    const filter = filters[name] ?? {}
    for (const total of [
      planStore.planPage(database, filter, scope, slice, MOST),
      actionPage(database, filter, scope, slice, MOST),
    ]) {
      const steps = await stepsOf(total)
      expect(
        steps.some((step) => index.test(step)),
        steps.join('\n'),
      ).toBe(true)
      // If all actions of the company were compared with what the index found, it would be of no use.
      expect(steps.filter((step) => /^SEARCH actions .*\(company_id=\?\)/.test(step))).toEqual([])
    }
  })

  it.each(Object.entries({ none: {}, q: { q: 'x' }, ...filters }))(
    'planId narrows to the plan, with %s beside it',
    async (_, filter) => {
      for (const statement of [actionPage(database, { ...filter, planId: 'p' }, scope, slice, MOST)]) {
        const steps = await stepsOf(statement)
        expect(steps.filter((step) => /^SEARCH actions .*company_id/.test(step))).toEqual([])
      }
    },
  )
})
