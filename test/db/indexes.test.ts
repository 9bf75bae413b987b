import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import * as planStore from '../../src/action-plans/store.ts'
import { hierarchiesNamed, planForAction, usersNamed } from '../../src/actions/change-store.ts'
import * as calendarStore from '../../src/calendar/store.ts'
import { expireActions } from '../../src/actions/expiry-store.ts'
import type { ActionFilter } from '../../src/actions/filter.ts'
import { noteById, noteEntry, notePage } from '../../src/actions/notes-store.ts'
import type { ActionListFilter } from '../../src/actions/search-store.ts'
import { actionById, actionPage, outlinedActions } from '../../src/actions/store.ts'
import * as cleanUpStore from '../../src/exports/clean-up-store.ts'
import * as historyStore from '../../src/history/clean-up-store.ts'
import { failureOf } from '../../src/exports/failures.ts'
import * as freezeStore from '../../src/exports/freeze-store.ts'
import * as linkMailsStore from '../../src/exports/link-mails-store.ts'
import * as erasureExports from '../../src/exports/erasure-store.ts'
import * as portfolioStore from '../../src/exports/portfolio-freeze-store.ts'
import * as overviewStore from '../../src/portfolio/overview-store.ts'
import * as leaseStore from '../../src/exports/lease-store.ts'
import * as exportStore from '../../src/exports/store.ts'
import { lookUp } from '../../src/imports/lookup-store.ts'
import { assignableEmails, templateSetting } from '../../src/imports/template-store.ts'
import * as companyStore from '../../src/people/company-store.ts'
import * as hierarchyStore from '../../src/people/hierarchy-store.ts'
import * as userStore from '../../src/people/user-store.ts'
import * as personalStore from '../../src/personal-data/store.ts'
import { markKeyUsed, revokeKeys } from '../../src/platform/access-keys.ts'
import { directoryOf, newMeter, numbered } from '../../src/platform/database.ts'
import { findRecord, forgetNaming, keepFacts, sweepRecords } from '../../src/platform/idempotency.ts'
import { insertHistory } from '../../src/platform/history-store.ts'
import { revokeSessions, viewerStatement } from '../../src/platform/session.ts'
import { cursorOf } from '../../src/platform/sweep-cursor.ts'
import * as erasureStore from '../../src/erasure/store.ts'
import { actionsHandedOver, plansHandedOver } from '../../src/reassignments/history-store.ts'
import { countWork } from '../../src/reassignments/store.ts'
import { remindNext } from '../../src/reminders/portion-store.ts'
import * as reminderStore from '../../src/reminders/store.ts'
import { switchRemindersOff } from '../../src/reminders/switch-off-store.ts'
import * as keyStore from '../../src/sessions/key-store.ts'
import * as sessionStore from '../../src/sessions/store.ts'
import * as deliveriesStore from '../../src/webhooks/deliveries-store.ts'
import * as deletedStore from '../../src/webhooks/deleted-store.ts'
import * as fanOutStore from '../../src/webhooks/fan-out-store.ts'
import * as webhookStore from '../../src/webhooks/store.ts'
import * as switchedOffStore from '../../src/webhooks/switched-off-store.ts'
import * as triesStore from '../../src/webhooks/tries-store.ts'
import { HOME, home } from '../support/home.ts'

const database = directoryOf(env, newMeter())
const NOW = 1_800_000_000_000
const scope = { companyId: 'c', userId: 'u', now: NOW }
const slice = { from: 20, limit: 10 }
const caller = {
  via: 'SESSION',
  tokenHash: 's',
  userId: 'u',
  companyId: 'c',
  expiresAt: NOW,
  database: HOME,
} as const
const key = { id: 'i', companyId: 'c', bodyHash: 'h' }
const MOST = 1_000_000
const EXPORT = { id: 'e', companyId: 'c', kind: 'PLAN', requestedBy: 'u', filter: null } as const
const author = { companyId: 'c', userId: 'u', via: 'SESSION' } as const
const stored = {
  ...{ id: 'i', companyId: 'c', planId: 'p', title: 't' },
} as never
const code = {
  id: 'i',
  emailKey: 'e',
  emailHash: 'h',
  addressHash: 'a',
  accepted: 'en',
  now: NOW,
  limited: true,
} as const

const REMINDED = {
  ...{ companyId: 'c', dueAt: NOW, date: '2026-11-30', position: 'u' },
  morning: { date: '2026-11-30', isMonday: false, isOpen: true, closesAt: NOW, nextAt: NOW },
}
const OWED_REMINDER = {
  ...{ id: 'r', companyId: 'c', userId: 'u', localDate: '2026-11-30', to: 'a@b.c', isWanted: true },
  ...{ content: {} as never, sendUntil: NOW },
}

const WEBHOOK = {
  ...{ id: 'w', url: 'https://h/', host: 'h', types: null, active: true, userId: 'u', createdAt: NOW },
  ...{ switchedOffAt: null, secretNumber: 1, revision: 1 },
}
const PING = {
  ...{ id: 'd', type: 'webhook.ping' as const, at: NOW, status: 'PENDING' as const },
  ...{ tries: 0, lastStatus: null, nextTryAt: NOW },
}
const IN_HAND = {
  ...PING,
  ...{
    companyId: 'c',
    webhookId: 'w',
    planId: null,
    actionId: null,
    historyId: null,
    exportId: null,
    lane: 'h',
    automaticTries: 0,
    isByHand: false,
  },
  webhook: { ...WEBHOOK, isThere: true, previousSecretUntil: null, failingSince: null },
  ...{ isManager: true, maySee: true },
}

interface Built {
  sql: string
  params: unknown[]
}

/** What is sent: raw statements of drizzle say it with `getQuery`, built ones with `toSQL`. */
function built(statement: object): Built {
  const source = statement as { getQuery?: () => Built; toSQL?: () => Built }
  const query = source.getQuery?.() ?? source.toSQL?.()
  if (!query) throw new Error('not a statement of drizzle')
  return numbered(query)
}

/** What SQLite would do, a step a line. */
async function stepsOf(statement: object): Promise<string[]> {
  const { sql, params } = built(statement)
  const { results } = await home
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .bind(...params)
    .all<{ detail: string }>()
  return results.map(({ detail }) => detail)
}

/**
 * Steps that walk a whole table or index. What the statement makes itself is no table: materialised parts, inner queries,
 * JSON lists and constants (`person` is what reminders call their materialised parts). What an index of texts finds by MATCH (`M`) is called a scan, too.
 */
function scansIn(steps: readonly string[]): string[] {
  const made = steps.flatMap((step) => /^(?:MATERIALIZE|CO-ROUTINE) (\S+)/.exec(step)?.[1] ?? [])
  const isTable = (name: string) => ![...made, 'json_each', 'CONSTANT', 'person'].includes(name)
  return steps.filter(
    (step) =>
      isTable(/^SCAN (\S+)/.exec(step)?.[1] ?? 'CONSTANT') && !/VIRTUAL TABLE INDEX \d+:M\d+$/.test(step),
  )
}

/** What searches look for by company, and not by an id: `COVERING INDEX … (company_id=? …)`, each once. */
function companyWideIn(steps: readonly string[]): string[] {
  const found = steps.flatMap(
    (step) => /^SEARCH \S+ USING (.*\(company_id=\?.*\))/.exec(step)?.[1]?.replace(' LEFT-JOIN', '') ?? [],
  )
  // A company has one place, which is found by its primary key.
  return [...new Set(found)].filter((index) => !index.includes('company_places')).sort()
}

/** What a list may search for by company, with the places of `audience` and `status` filled in. */
const NEWEST = 'INDEX actions_newest (company_id=? AND audience=?)'
const BY_STATUS = 'INDEX actions_by_status (company_id=? AND audience=? AND status=?)'
const BY_KIND = 'INDEX actions_by_facets (company_id=? AND action_type=? AND focus_bits=?)'
const DUE = 'INDEX actions_by_due_date (company_id=? AND audience=? AND status=?'
const EXPIRED_BY_CLOCK = `${DUE} AND due_date<?)`
const DUE_UNTIL = `COVERING ${DUE} AND due_date>? AND due_date<?)`
const DUE_FROM = `COVERING ${DUE} AND due_date>?)`

interface Way {
  filter: ActionFilter
  /** What the list of actions reads of `actions` by company; COVERING: without the rows themselves. */
  actions: string[]
  /** What the list of plans reads of them; where there is nothing, plans know the answer, or an id leads to it. */
  plans: string[]
}

/** Each filter alone, and those that are answered together. */
const WAYS: Record<string, Way> = {
  none: { filter: {}, actions: [`COVERING ${NEWEST}`], plans: [] },
  status: { filter: { status: 'COMPLETED' }, actions: [BY_STATUS], plans: [] },
  'status in progress': {
    filter: { status: 'IN_PROGRESS' },
    actions: [BY_STATUS, EXPIRED_BY_CLOCK],
    plans: [EXPIRED_BY_CLOCK],
  },
  'status expired': {
    filter: { status: 'EXPIRED' },
    actions: [BY_STATUS, EXPIRED_BY_CLOCK],
    plans: [EXPIRED_BY_CLOCK],
  },
  focusType: {
    filter: { focusType: 'ENPS' },
    actions: [`COVERING ${NEWEST}`, BY_KIND, `COVERING ${BY_KIND}`],
    plans: [],
  },
  actionType: {
    filter: { actionType: 'COMPANY' },
    actions: [`COVERING ${NEWEST}`, BY_KIND, `COVERING ${BY_KIND}`],
    plans: [],
  },
  hierarchyId: { filter: { hierarchyId: 'h' }, actions: [], plans: [] },
  assigneeId: { filter: { assigneeId: 'u' }, actions: [], plans: [] },
  overdue: { filter: { overdue: true }, actions: [DUE_UNTIL], plans: [DUE_UNTIL] },
  'not overdue': { filter: { overdue: false }, actions: [NEWEST, DUE_UNTIL], plans: [DUE_UNTIL] },
  dueFrom: { filter: { dueFrom: NOW }, actions: [DUE_FROM], plans: [DUE_FROM] },
  dueTo: { filter: { dueTo: NOW }, actions: [DUE_UNTIL], plans: [DUE_UNTIL] },
  'q of three letters': {
    filter: { q: 'xyz' },
    actions: [`COVERING ${NEWEST}`],
    plans: [`COVERING ${NEWEST}`],
  },
  'q of two letters': { filter: { q: 'xy' }, actions: [`COVERING ${NEWEST}`], plans: [`COVERING ${NEWEST}`] },
  'status and q': {
    filter: { status: 'COMPLETED', q: 'xyz' },
    actions: [NEWEST, BY_STATUS],
    plans: [NEWEST, BY_STATUS],
  },
  'focusType and q': {
    filter: { focusType: 'HI', q: 'xyz' },
    actions: [`COVERING ${NEWEST}`, BY_KIND, `COVERING ${BY_KIND}`],
    plans: [`COVERING ${NEWEST}`, BY_KIND, `COVERING ${BY_KIND}`],
  },
  'status and focusType': {
    filter: { status: 'EXPIRED', focusType: 'HI' },
    actions: [BY_STATUS, EXPIRED_BY_CLOCK],
    plans: [EXPIRED_BY_CLOCK],
  },
  'all but q': {
    filter: {
      status: 'EXPIRED',
      focusType: 'HI',
      hierarchyId: 'h',
      assigneeId: 'u',
      actionType: 'MANAGER',
      overdue: true,
      dueFrom: NOW,
      dueTo: NOW,
    },
    // Counted, and read instead of the assignments if those are many.
    actions: [DUE_UNTIL, DUE_UNTIL.replace('COVERING ', '')],
    plans: [DUE_UNTIL, DUE_UNTIL.replace('COVERING ', '')],
  },
  'assignee and status': {
    filter: { assigneeId: 'u', status: 'COMPLETED' },
    actions: [BY_STATUS],
    plans: [BY_STATUS],
  },
  'assignee and area': { filter: { assigneeId: 'u', hierarchyId: 'h' }, actions: [], plans: [] },
}

const planList = (filter: ActionFilter) => planStore.planPage(database, filter, scope, slice, MOST)
const actionList = (filter: ActionListFilter) => actionPage(database, filter, scope, slice, MOST)

const lists = Object.entries(WAYS).flatMap(([name, { filter }]): [string, readonly object[]][] => [
  [`plans by ${name}`, [planList(filter)]],
  [`actions by ${name}`, [actionList(filter)]],
  [`actions of a plan by ${name}`, [actionList({ ...filter, planId: 'p' })]],
])

const personalData = [
  personalStore.meWithCompany(database, scope),
  ...[null, [1, 2, 'x']].flatMap((after) =>
    [
      personalStore.sessionPortion,
      personalStore.accessKeyPortion,
      personalStore.signInCodePortion,
      personalStore.planPortion,
      personalStore.actionPortion,
      personalStore.notePortion,
      personalStore.linkMailPortion,
      personalStore.calendarPortion,
      personalStore.reminderPortion,
      personalStore.exportPortion,
      personalStore.assignmentPortion,
    ].map((portion, index) => {
      // A place has one column where rows are in the order of row ids, two in exports, three in assignments.
      const columns = [1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3][index]
      return portion(database, scope, { after: after?.slice(0, columns) ?? null, rows: 100, bytes: MOST })
        .statement
    }),
  ),
]

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
  [
    'what a change of an action names',
    [
      planForAction(database, 'c', 'p'),
      usersNamed(database, 'c', ['u']),
      hierarchiesNamed(database, 'c', ['h']),
    ],
  ],
  [
    'what a file to import names',
    lookUp(
      database,
      { companyId: 'c', importer: 'u', pieces: 1000 },
      {
        ...{ planIds: ['p', 'a'.repeat(24)], actionIds: ['a', 'a'.repeat(24)] },
        ...{ emails: ['e'], ids: ['i'], names: ['n'], hasAreas: true },
      },
    ).statements,
  ],
  ['the template of an import', [templateSetting(database, 'u'), assignableEmails(database, 'c')]],
  ['notes', [notePage(database, 'a', slice, MOST), noteById(database, 'a', 'n')]],
  ['the clean-up of expiries', expireActions(database, NOW)],
  ['the session', [viewerStatement(database, caller, NOW)]],
  [
    'the access key',
    [viewerStatement(database, { ...caller, via: 'KEY' }, NOW), markKeyUsed(database, 's', NOW)],
  ],
  ['access keys', keyStore.keyPage(database, 'c', 'u', slice)],
  ['the access keys of a company', keyStore.keyPage(database, 'c', null, slice)],
  [
    'an access key',
    [
      keyStore.keyById(database, 'c', 'k'),
      keyStore.hashOfKey(database, 'k'),
      keyStore.countLiveKeys(database, 'u', NOW),
    ],
  ],
  [
    'the end of access keys',
    [
      revokeKeys(database, 'u', null, NOW),
      revokeKeys(database, 'u', 'k', NOW),
      keyStore.sweepKeys(database, NOW),
    ],
  ],
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
    [sessionStore.setMailDue(database, 'k', null), sessionStore.takeOverdueCodes(database, NOW)],
  ],
  ['the clean-up of sign-ins', sessionStore.sweepSignIns(database, NOW)],
  [
    'the company',
    [companyStore.companyById(database, 'c'), ...userStore.addressOwners(database, 'x@y.test')],
  ],
  ['users', userStore.userPage(database, 'c', {}, slice)],
  ['users by role', userStore.userPage(database, 'c', { role: 'ADMIN', active: true }, slice)],
  ['a user', [userStore.userById(database, 'c', 'u'), userStore.countOtherAdmins(database, 'c', 'u')]],
  [
    'a calendar',
    [
      calendarStore.calendarOfUser(database, 'u'),
      calendarStore.ownerOf(database, 'h', NOW),
      calendarStore.openActionsOf(database, scope, NOW),
      userStore.endCalendar(database, 'u'),
    ],
  ],
  [
    'an erasure',
    [
      ...erasureStore.tokensOf(database, 'u'),
      erasureStore.languageOfCompany(database, 'c'),
      ...erasureStore.deleteTraces(database, 'u', 'h'),
      ...deletedStore.deleteWebhooksOf(database, 'u', NOW),
      erasureExports.filesToErase(database, scope),
      ...erasureExports.endExports(database, scope, NOW),
      erasureExports.deleteExports(database, 'u', ['e']),
      forgetNaming(database, { id: 'u', companyId: 'c', name: 'n' }, NOW),
      userStore.eraseUser(database, { id: 'u', name: 'n', email: 'e' } as never, NOW),
    ],
  ],
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
  ['personal data', personalData],
  ['exports', exportStore.exportPage(database, 'u', slice)],
  ['an export', exportStore.exportById(database, 'c', 'e')],
  [
    'an export to make',
    [
      exportStore.planToExport(database, 'c', 'p'),
      exportStore.addresseeOf(database, 'u'),
      exportStore.requesterOf(database, 'e'),
    ],
  ],
  ['freezing a plan', freezeStore.beginBuild(database, EXPORT, NOW, NOW)],
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
    'the overview',
    [
      overviewStore.overviewSettings(database, 'c'),
      overviewStore.overviewAreas(database, 'c', MOST),
      ...Object.values(WAYS).flatMap(({ filter }) => [
        overviewStore.overviewCounts(database, filter, scope),
        overviewStore.furtherCombinations(database, filter, scope, '1 2'),
      ]),
    ],
  ],
  [
    'freezing the portfolio',
    Object.values(WAYS).flatMap(({ filter }) => [
      portfolioStore.portfolioSize(database, filter, scope),
      ...freezeStore.beginBuild(
        database,
        { ...EXPORT, kind: 'PORTFOLIO', filter: JSON.stringify(filter) },
        NOW,
        NOW,
      ),
    ]),
  ],
  [
    'a frozen portfolio',
    [portfolioStore.frozenPlans(database, 'e', 0), portfolioStore.frozenAreas(database, 'e', '')],
  ],
  [
    'overdue exports',
    [cleanUpStore.takeOverdue(database, NOW, 300_000), ...cleanUpStore.giveUpOld(database, NOW)],
  ],
  [
    'files to delete',
    [cleanUpStore.expiredFiles(database, NOW), cleanUpStore.exportsWithFiles(database, ['e'])],
  ],
  [
    'old history',
    [
      historyStore.companiesAfter(database, '', { before: NOW, companyLimit: MOST }, 50),
      historyStore.dropSurplus(database, 'c', { before: NOW, companyLimit: MOST }, 1000),
    ],
  ],
  [
    'entries of the history',
    [
      planStore.deletedActions(stored),
      hierarchyStore.lostTargets(stored),
      noteEntry('note.added', stored, 'n'),
      plansHandedOver(stored, stored),
      actionsHandedOver(stored, stored, NOW),
    ].map((entries) => insertHistory(database, [entries], { author, now: NOW })),
  ],
  ['rows to delete', [cleanUpStore.deleteOldRows(database, NOW)]],
  ['the end of a plan’s exports', exportStore.endExportsOfPlan(database, 'p', NOW)],
  [
    'a mail with fresh links',
    [
      linkMailsStore.exportOfLink(database, 'e', NOW),
      linkMailsStore.insertLinkMail(database, {
        ...{ id: 'i', exportId: 'e', locale: 'en', linksEndAt: NOW, linkKeyId: 'k', now: NOW },
      }),
      linkMailsStore.owedLinkMail(database, 'c', 'i'),
      linkMailsStore.setLinkMailDue(database, 'i', NOW),
      linkMailsStore.settleLinkMail(database, 'i', NOW),
      linkMailsStore.takeOverdueLinkMails(database, NOW),
      linkMailsStore.sweepLinkMails(database, NOW),
    ],
  ],
  [
    'reminders',
    [
      reminderStore.companiesToLookAt(database, NOW),
      reminderStore.lookLater(database, [REMINDED]),
      ...remindNext(database, REMINDED, NOW),
      reminderStore.owedReminder(database, 'c', 'r'),
      reminderStore.setReminderDue(database, 'r', NOW),
      ...reminderStore.settleSent(database, OWED_REMINDER, NOW),
      ...reminderStore.settleUnsent(database, OWED_REMINDER),
      reminderStore.takeOverdueReminders(database, NOW),
      ...switchRemindersOff(database, { companyId: 'c', userId: 'u' }, NOW),
    ],
  ],
  [
    'webhooks',
    [webhookStore.webhookById(database, 'c', 'w'), ...webhookStore.webhookPage(database, 'u', slice)],
  ],
  [
    'a webhook',
    [
      webhookStore.countWebhooks(database, 'c', 'u'),
      webhookStore.readyCursor(database, 'c'),
      webhookStore.insertWebhook(database, 'c', WEBHOOK),
      webhookStore.updateWebhook(database, 'c', { ...WEBHOOK, active: false }, WEBHOOK, NOW),
      webhookStore.renewSecret(database, 'w', NOW),
      ...deletedStore.deleteWebhook(database, 'w', NOW),
      ...deletedStore.finishDeletion(database),
      deletedStore.deleteOldDeliveries(database, NOW),
    ],
  ],
  [
    'deliveries',
    [
      ...deliveriesStore.deliveryPage(database, 'w', slice),
      deliveriesStore.deliveryById(database, 'w', 'd'),
      deliveriesStore.insertPing(database, 'w', PING),
      deliveriesStore.makeDue(database, 'd', NOW),
    ],
  ],
  [
    'making deliveries',
    [...fanOutStore.fanOutNext(database, 'c', NOW), fanOutStore.companiesBehind(database)],
  ],
  [
    'trying a delivery',
    [
      ...triesStore.beginTry(database, 'c', 'd', NOW),
      triesStore.deliveryInHand(database, 'c', 'd'),
      triesStore.endTry(database, 'd', NOW, {
        status: 'FAILED',
        tries: 1,
        automaticTries: 1,
        nextTryAt: null,
      }),
      triesStore.takeWaiting(database, 'h'),
      triesStore.endFailures(database, IN_HAND),
      triesStore.beginFailures(database, IN_HAND, NOW),
      ...triesStore.switchOff(database, IN_HAND, NOW, NOW),
      triesStore.takeOverdue(database, NOW),
      triesStore.takeForgotten(database, NOW),
    ],
  ],
  [
    'the mail about a webhook that was switched off',
    [
      switchedOffStore.owedMail(database, 'c', 'w'),
      switchedOffStore.setMailDue(database, 'w', null),
      switchedOffStore.takeOverdueSwitchedOff(database, NOW),
    ],
  ],
  ['where a walk of the sweep stands', [cursorOf(database, 'walk')]],
]

/** What looks at all that an audience reads, and meets a filter. */
const LIST = /^((plans|actions) by|the overview$|freezing the portfolio$)/

/** The only searches by company, and why each is none that an id would spare. */
const COMPANY_WIDE: { of: RegExp; search: RegExp; because: string }[] = [
  {
    of: /^old history$/,
    search: /PRIMARY KEY \(company_id=\?/,
    because: 'the oldest entries of a company are the first of its key',
  },
  {
    of: LIST,
    search: /INDEX actions_(newest|by_status|by_due_date) \(company_id=\? AND audience=\?/,
    because: 'the list is of what an audience reads',
  },
  {
    of: LIST,
    search: /INDEX actions_by_facets \(company_id=\? AND action_type=\? AND focus_bits=\?\)/,
    because: 'a kind of action is read from its list while it is short',
  },
  {
    of: LIST,
    search: /INDEX plans_newest_by_audience \(company_id=\? AND audience=\?\)/,
    because: 'the list is of what an audience reads',
  },
  {
    of: LIST,
    search: /^PRIMARY KEY \(company_id=\? AND (reader|audience)=\?/,
    because: 'kept counts have a few rows for each reader',
  },
  {
    of: /^users/,
    search: /INDEX users_(newest|by_role) \(company_id=\?/,
    because: 'the list is of all users, and counts them',
  },
  {
    of: /^an erasure$/,
    search: /INDEX users_newest \(company_id=\?/,
    because: 'exports of anybody in the company may name the person',
  },
  {
    of: /^a user$/,
    search: /INDEX users_by_role \(company_id=\? AND role=\? AND active=\?\)/,
    because: 'other ADMINs are counted, of whom there are few',
  },
  {
    of: /^the access keys of a company$/,
    search: /INDEX access_keys_by_company \(company_id=\?/,
    because: 'the list is of all keys',
  },
  {
    of: /^(hierarchies|the overview|freezing the portfolio)$/,
    search: /^INDEX hierarchies_by_company \(company_id=\?/,
    because: 'the list is of all hierarchies',
  },
  {
    of: /^(what a file to import names|the template of an import)$/,
    search: /INDEX (users_\w+|hierarchies_by_company|\w+_by_external_id) \(company_id=\?/,
    because:
      'people are found by names, areas by paths, what was imported by the ids of its file; the template lists all',
  },
  {
    of: /^(a webhook|making deliveries)$/,
    search: /INDEX webhooks_by_company \(company_id=\?/,
    because: 'a company has at most 50 webhooks',
  },
  {
    of: /^(making deliveries|trying a delivery)$/,
    search: /^PRIMARY KEY \(company_id=\? AND number/,
    because: 'the entries of a company are found by their number',
  },
  {
    of: /^(a webhook|making deliveries)$/,
    search: /INDEX sqlite_autoindex_webhook_cursors_1 \(company_id=\?\)/,
    because: 'a company has one cursor',
  },
  {
    of: /^(freezing (a plan|the portfolio)|the lease of an export|overdue exports)$/,
    search: /INDEX exports_(building|waiting) \(company_id=\?\)/,
    because: 'the index holds only the few exports that build or wait',
  },
  {
    of: /^reminders$/,
    because: 'a morning goes through its people portion by portion, beginning behind the last',
    search: /^INDEX users_to_remind \(company_id=\? AND id>\?\)$/,
  },
]

/** The searches by company that are not allowed to that statement. */
function forbiddenIn(name: string, steps: readonly string[]): string[] {
  const allowed = COMPANY_WIDE.filter(({ of }) => of.test(name))
  return companyWideIn(steps).filter((found) => !allowed.some(({ search }) => search.test(found)))
}

describe('no table is walked', () => {
  it.each(statements)('for %s', async (name, list) => {
    for (const statement of list) {
      const steps = await stepsOf(statement)
      expect(steps.length).toBeGreaterThan(0)
      expect(scansIn(steps), built(statement).sql).toEqual([])
      expect(forbiddenIn(name, steps), built(statement).sql).toEqual([])
    }
  })

  it.each([
    'SELECT id FROM actions WHERE title = 1',
    'SELECT count(*) FROM actions',
    'SELECT page.id FROM actions AS page',
    'WITH page AS MATERIALIZED (SELECT 1) SELECT * FROM page JOIN users',
    'SELECT id FROM users ORDER BY email_key LIMIT 1',
    'SELECT rowid FROM action_texts',
  ])('without this test seeing it: %s', async (query) => {
    expect(scansIn(await stepsOf(database.all(query)))).toHaveLength(1)
  })

  it.each([
    "SELECT id FROM users WHERE company_id = 'c' AND name = 'x'",
    "SELECT u.id FROM users AS u WHERE u.company_id = 'c' AND u.id <> 'u'",
    "SELECT id FROM actions WHERE company_id = 'c' AND title = 'x'",
    "SELECT id FROM actions WHERE company_id = 'c' AND audience = '*' AND audience <> '' AND title = 'x'",
    "SELECT id FROM hierarchies WHERE company_id = 'c' AND parent_id IS NULL",
    "SELECT user_id FROM action_assignees CROSS JOIN hierarchies ON company_id = user_id WHERE action_id = 'a'",
    "SELECT sum(expired) FROM audience_counts WHERE company_id = 'c'",
    "SELECT id FROM plans WHERE company_id = 'c' AND title = 'x'",
  ])('nor a company without this test seeing it: %s', async (query) => {
    expect(forbiddenIn('an action', await stepsOf(database.all(query)))).toHaveLength(1)
  })

  it.each(COMPANY_WIDE)('but where it is read by company, because $because', async ({ of, search }) => {
    const own = statements.filter(([name]) => of.test(name)).flatMap(([, list]) => list)
    const found = await Promise.all(own.map(async (statement) => companyWideIn(await stepsOf(statement))))
    expect(found.flat().some((each) => search.test(each))).toBe(true)
  })
})

describe('the filter', () => {
  const ofActions = (steps: readonly string[]) =>
    companyWideIn(steps).filter((found) => found.includes('INDEX actions_'))

  it.each(Object.entries(WAYS))(
    '%s reads actions through its indexes alone',
    async (_, { filter, ...way }) => {
      expect(ofActions(await stepsOf(actionList(filter)))).toEqual(way.actions.toSorted())
      expect(ofActions(await stepsOf(planList(filter)))).toEqual(way.plans.toSorted())
    },
  )

  it.each([
    ['hierarchyId', /COVERING INDEX action_hierarchies_by_hierarchy \(hierarchy_id=\?\)/],
    ['assigneeId', /COVERING INDEX assignees_by_user \(user_id=\?\)/],
    ['all but q', /COVERING INDEX assignees_by_user \(user_id=\?\)/],
    ['q of three letters', /^SCAN action_texts VIRTUAL TABLE INDEX \d+:M/],
    ['q of three letters', /^SEARCH actions USING INTEGER PRIMARY KEY \(rowid=\?\)/],
  ])('%s leads to its actions by id', async (name, index) => {
    const filter = WAYS[name]?.filter ?? {}
    for (const statement of [actionList(filter), planList(filter)]) {
      const steps = await stepsOf(statement)
      expect(
        steps.some((step) => index.test(step)),
        steps.join('\n'),
      ).toBe(true)
    }
  })

  it.each(['none', 'status', 'focusType', 'overdue', 'q of three letters'])(
    '%s finds what is read as creator or assignee only by the reader',
    async (name) => {
      const steps = await stepsOf(actionList(WAYS[name]?.filter ?? {}))
      for (const index of [
        'COVERING INDEX assignees_by_user (user_id=? AND is_creator=?)',
        'INDEX actions_of_another_audience (created_by=?)',
      ])
        expect(
          steps.some((step) => step.includes(index)),
          index,
        ).toBe(true)
    },
  )

  it.each(Object.entries(WAYS))('planId narrows to the plan, with %s beside it', async (_, { filter }) => {
    expect(companyWideIn(await stepsOf(actionList({ ...filter, planId: 'p' })))).toEqual([])
  })
})

/** All combinations of filters, with each status that is answered in its own way. */
const combinations = Object.entries({
  status: ['COMPLETED', 'IN_PROGRESS', 'EXPIRED'],
  overdue: [true, false],
  focusType: ['HI'],
  actionType: ['MANAGER'],
  q: ['xy', 'xyz'],
  dueFrom: [1],
  assigneeId: ['someone'],
  hierarchyId: ['h'],
}).reduce<ActionFilter[]>(
  (all, [name, values]) =>
    all.flatMap((filter) => [filter, ...values.map((value) => ({ ...filter, [name]: value }))]),
  [{}],
)

describe.each([
  ['plans', planList],
  ['actions', actionList],
])('any combination of filters in the list of %s', (list, statementOf) => {
  it('has no more parameters than the 100 that D1 takes', () => {
    const excessive = combinations.filter((filter) => built(statementOf(filter)).params.length > 100)
    expect(excessive).toEqual([])
  })

  it('is a statement that SQLite accepts, and that walks no table', async () => {
    const explained = combinations.map((filter) => {
      const { sql, params } = built(statementOf(filter))
      return home.prepare(`EXPLAIN QUERY PLAN ${sql}`).bind(...params)
    })
    const results = await home.batch<{ detail: string }>(explained)
    const walks = results.map((result) => {
      const steps = result.results.map(({ detail }) => detail)
      return [...scansIn(steps), ...forbiddenIn(`${list} by all`, steps)]
    })
    expect(walks.flat()).toEqual([])
    // Hundreds of long statements are explained, which a busy machine takes its time for.
  }, 120_000)
})
