/**
 * All tables. Times are Unix milliseconds; ids are 24 hex characters (platform/ids.ts).
 *
 * `rowVersion` rises with each write to the row itself or to an action's assignees. `treeRevision` of an action rises
 * with any change of its representation, also of notes and names: a note changes the entity tag, but does not disturb a
 * transition. Tables with only one such number call it `revision`. docs/triggers.md lists what triggers keep.
 */
import { sql } from 'drizzle-orm'
import {
  type AnySQLiteColumn,
  foreignKey,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core'
import {
  ACTION_TYPES,
  CHANGE_TYPES,
  DELIVERY_STATUSES,
  DELIVERY_TYPES,
  DEFAULT_ACCENT_COLOR,
  EXPORT_FAILURES,
  EXPORT_KINDS,
  EXPORT_STATUSES,
  FOCUS_TYPES,
  KEY_SCOPES,
  LOCALES,
  ORIGINS,
  PLACE_STATES,
  ROLES,
  STATUSES,
  VISIBILITIES,
  WAYS,
} from './enums.ts'
import { ROW_BYTES } from '../platform/limits.ts'
import type { DatabaseName } from '../platform/place.ts'

const id = () => text('id').primaryKey()
const createdAt = () => integer('created_at').notNull()
const updatedAt = () => integer('updated_at').notNull()
const revision = () => integer('revision').notNull().default(1)
/** Who imported the row: the id of a user, '' for an operator; null if it was not imported. */
const importer = () => text('importer')
/** What the importer's file calls the row: unique per importer. */
const externalId = () => text('external_id')
const companyId = () =>
  text('company_id')
    .notNull()
    .references(() => companies.id, { onDelete: 'cascade' })

export const companies = sqliteTable(
  'companies',
  {
    id: id(),
    name: text('name').notNull(),
    timeZone: text('time_zone').notNull().default('UTC'),
    /** The language of mails and workbooks for those who have not chosen one. */
    language: text('language', { enum: LOCALES }).notNull().default('en'),
    /** `#rrggbb`: the colour of its workbooks and mails. */
    accentColor: text('accent_color').notNull().default(DEFAULT_ACCENT_COLOR),
    /** Bytes stored for the company: those of texts, and ROW_BYTES for each row. Kept by trigger. */
    storedBytes: integer('stored_bytes').notNull().default(0),
    /** Number of its hierarchies, and their bytes as JSON. Kept by trigger. */
    hierarchyCount: integer('hierarchy_count').notNull().default(0),
    hierarchyBytes: integer('hierarchy_bytes').notNull().default(0),
    /** The number of the newest entry of its history, and the bytes of all entries. Kept by trigger. */
    historyNumber: integer('history_number').notNull().default(0),
    historyBytes: integer('history_bytes').notNull().default(0),
    /** Up to this number, entries may have been removed. */
    historyFloor: integer('history_floor').notNull().default(0),
    /** When the sweep looks next whether somebody is to be reminded: now while a morning's work goes on. */
    remindersDueAt: integer('reminders_due_at').notNull().default(0),
    /** The local date of the morning that goes on, and the user up to whom its work is done; null before it begins. */
    remindersDate: text('reminders_date'),
    remindersPosition: text('reminders_position'),
    revision: revision(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [index('companies_by_reminders').on(table.remindersDueAt)],
)

/**
 * Companies that this database is not, or not alone, responsible for: on their way from it to another database, on their way
 * to it, or elsewhere. In `DB` it is the part of the directory that says where companies are; a company without a row
 * there is in `DB`. Elsewhere, a row ELSEWHERE forwards those who still look for the company here.
 */
export const companyPlaces = sqliteTable('company_places', {
  /** No foreign key: the company's own row may not be here. */
  companyId: text('company_id').primaryKey(),
  state: text('state', { enum: PLACE_STATES }).notNull(),
  /** The name of the other database's binding: where the company goes to, comes from, or is. */
  database: text('database').$type<DatabaseName>().notNull(),
  changedAt: integer('changed_at').notNull(),
})

/**
 * The part of the directory, used in `DB` alone, that says whose an e-mail address is, if the user is in another database. Those
 * of users in `DB` are in `users`. Together they are unique.
 */
export const addresses = sqliteTable(
  'addresses',
  {
    /** The address lower-cased. */
    emailKey: text('email_key').primaryKey(),
    companyId: text('company_id').notNull(),
    userId: text('user_id').notNull(),
    /** When the sweep asks the user's database whether the address is in use; null if it is known to be. */
    settleAt: integer('settle_at'),
  },
  (table) => [
    index('addresses_by_company').on(table.companyId),
    index('addresses_to_settle')
      .on(table.settleAt)
      .where(sql`settle_at IS NOT NULL`),
  ],
)

export const users = sqliteTable(
  'users',
  {
    id: id(),
    companyId: companyId(),
    email: text('email').notNull(),
    /** The address lower-cased: the form that uniqueness and sign-in compare. */
    emailKey: text('email_key').notNull().unique(),
    name: text('name').notNull(),
    role: text('role', { enum: ROLES }).notNull(),
    active: integer('active', { mode: 'boolean' }).notNull().default(true),
    reminders: integer('reminders', { mode: 'boolean' }).notNull().default(true),
    /** null: that of the company. */
    language: text('language', { enum: LOCALES }),
    revision: revision(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    nameFolded: text('name_folded').notNull(),
    /** When name and address were erased; null if they were not. */
    erasedAt: integer('erased_at'),
  },
  (table) => [
    index('users_to_remind')
      .on(table.companyId, table.id)
      .where(sql`active = 1 AND reminders = 1 AND role <> 'EMPLOYEE'`),
    index('users_newest').on(table.companyId, table.createdAt, table.id),
    index('users_by_role').on(table.companyId, table.role, table.active),
  ],
)

export const hierarchies = sqliteTable(
  'hierarchies',
  {
    id: id(),
    companyId: companyId(),
    parentId: text('parent_id').references((): AnySQLiteColumn => hierarchies.id),
    name: text('name').notNull(),
    revision: revision(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    index('hierarchies_by_company').on(table.companyId, table.parentId),
    index('hierarchies_by_parent').on(table.parentId),
  ],
)

export const sessions = sqliteTable(
  'sessions',
  {
    /** SHA-256 of the token, hex. The token itself is not stored. */
    id: id(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    companyId: companyId(),
    createdAt: createdAt(),
    expiresAt: integer('expires_at').notNull(),
    revokedAt: integer('revoked_at'),
  },
  (table) => [
    index('sessions_by_user').on(table.userId, table.revokedAt),
    index('sessions_by_expiry').on(table.expiresAt),
  ],
)

/** Keys with which programs sign in. */
export const accessKeys = sqliteTable(
  'access_keys',
  {
    id: id(),
    companyId: companyId(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** SHA-256 of the key, hex: its id in KV. The key itself is not stored. */
    keyHash: text('key_hash').notNull().unique(),
    name: text('name').notNull(),
    scope: text('scope', { enum: KEY_SCOPES }).notNull(),
    /** The last 4 characters of the key. */
    hint: text('hint').notNull(),
    createdAt: createdAt(),
    expiresAt: integer('expires_at').notNull(),
    /** True to an hour; null if the key was never used. */
    lastUsedAt: integer('last_used_at'),
    revokedAt: integer('revoked_at'),
  },
  (table) => [
    index('access_keys_by_user').on(table.userId, table.createdAt, table.id),
    index('access_keys_by_company').on(table.companyId, table.createdAt, table.id),
    index('access_keys_by_expiry').on(table.expiresAt),
  ],
)

export const signInCodes = sqliteTable(
  'sign_in_codes',
  {
    id: id(),
    /** SHA-256 of the lower-cased address, so that addresses of people without an account are not stored. */
    emailHash: text('email_hash').notNull(),
    addressHash: text('address_hash').notNull(),
    /** null if no active user has that address: the row then only counts for the hourly limits. */
    userId: text('user_id').references(() => users.id, { onDelete: 'cascade' }),
    locale: text('locale', { enum: LOCALES }).notNull(),
    /** What the mail shows of user and company, kept so that every try sends the same bytes; null without a user. */
    userName: text('user_name'),
    companyName: text('company_name'),
    accentColor: text('accent_color'),
    tries: integer('tries').notNull().default(0),
    createdAt: createdAt(),
    expiresAt: integer('expires_at').notNull(),
    consumedAt: integer('consumed_at'),
    /** When the sweep sends the mail again; null if the provider has taken it or there is nobody to send it to. */
    mailDueAt: integer('mail_due_at'),
  },
  (table) => [
    index('sign_in_codes_by_mail').on(table.mailDueAt),
    index('sign_in_codes_by_email').on(table.emailHash, table.createdAt),
    index('sign_in_codes_by_user').on(table.userId),
    index('sign_in_codes_by_age').on(table.createdAt),
  ],
)

export const plans = sqliteTable(
  'plans',
  {
    id: id(),
    companyId: companyId(),
    title: text('title').notNull(),
    description: text('description').notNull().default(''),
    visibility: text('visibility', { enum: VISIBILITIES }).notNull(),
    /** null for a legacy plan. */
    createdBy: text('created_by').references(() => users.id),
    /** The readers of the plan: '*' for all company managers, else the id of its creator. */
    audience: text('audience').generatedAlwaysAs(
      sql`CASE WHEN visibility = 'PUBLIC' OR created_by IS NULL THEN '*' ELSE created_by END`,
      { mode: 'virtual' },
    ),
    rowVersion: integer('row_version').notNull().default(1),
    /** The union of the `facets` of its actions that have an audience, which is the plan's. Kept by trigger. */
    facets: integer('facets').notNull().default(0),
    /** Number of its actions, hidden ones too. Kept by trigger. */
    actionCount: integer('action_count').notNull().default(0),
    /** Weight of the plan and its actions in bytes (actions/weight.ts); triggers keep the part of the actions. */
    contentBytes: integer('content_bytes').notNull().default(0),
    /** Number of notes on its actions, and the JSON bytes of their texts. Kept by trigger. */
    noteCount: integer('note_count').notNull().default(0),
    noteBytes: integer('note_bytes').notNull().default(0),
    importer: importer(),
    externalId: externalId(),
    /** The plan's part of the company's `stored_bytes`. */
    storedBytes: integer('stored_bytes').generatedAlwaysAs(
      sql.raw(`content_bytes + note_bytes + ${String(ROW_BYTES)} * (1 + action_count + note_count)`),
      { mode: 'virtual' },
    ),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    index('plans_newest_by_audience').on(
      table.companyId,
      table.audience,
      table.createdAt,
      table.id,
      table.facets,
    ),
    index('plans_by_creator').on(table.createdBy),
    uniqueIndex('plans_by_external_id')
      .on(table.companyId, table.importer, table.externalId)
      .where(sql`external_id IS NOT NULL`),
  ],
)

export const actions = sqliteTable(
  'actions',
  {
    id: id(),
    companyId: companyId(),
    planId: text('plan_id')
      .notNull()
      .references(() => plans.id, { onDelete: 'cascade' }),
    title: text('title').notNull(),
    actionType: text('action_type', { enum: ACTION_TYPES }).notNull(),
    origin: text('origin', { enum: ORIGINS }).notNull(),
    /** null: the action has the visibility of its plan. */
    visibility: text('visibility', { enum: VISIBILITIES }),
    /**
     * The readers besides its creator and its assignees: the audience of its plan, or '' for nobody. Follows from the
     * visibility and the plan (`audienceOf` in access/store.ts); the database refuses another one.
     */
    audience: text('audience').notNull(),
    /** The status as last stored; the status at a given moment comes from actions/lifecycle.ts. */
    status: text('status', { enum: STATUSES }).notNull(),
    dueDate: integer('due_date'),
    startedAt: integer('started_at'),
    finishedAt: integer('finished_at'),
    /** The moment from which the stored IN_PROGRESS means EXPIRED. */
    expiresAt: integer('expires_at').generatedAlwaysAs(
      sql`CASE WHEN status = 'IN_PROGRESS' AND started_at < due_date THEN due_date END`,
      { mode: 'virtual' },
    ),
    /** The types of its focus items as a set of bits (`FOCUS_BITS` in actions/facets.ts). */
    focusBits: integer('focus_bits').notNull(),
    /** Status, type and focus types as one bit for each combination that the action has (actions/facets.ts). */
    facets: integer('facets').generatedAlwaysAs(
      sql`focus_bits << (4 * (action_type = 'COMPANY') + 8 * CASE status
        WHEN 'NOT_STARTED' THEN 0 WHEN 'IN_PROGRESS' THEN 1 WHEN 'COMPLETED' THEN 2 WHEN 'CANCELLED' THEN 3 ELSE 4 END)`,
      { mode: 'virtual' },
    ),
    noteCount: integer('note_count').notNull().default(0),
    /** JSON bytes of its notes' texts. Kept by trigger. */
    noteBytes: integer('note_bytes').notNull().default(0),
    /** Weight of the action in bytes (actions/weight.ts), written together with the action. */
    contentBytes: integer('content_bytes').notNull().default(0),
    createdBy: text('created_by').references(() => users.id),
    importer: importer(),
    externalId: externalId(),
    rowVersion: integer('row_version').notNull().default(1),
    treeRevision: integer('tree_revision').notNull().default(1),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    description: text('description').notNull().default(''),
    /** Copies in the form that `q` searches (`fold` in platform/text.ts). */
    titleFolded: text('title_folded').notNull(),
    descriptionFolded: text('description_folded').notNull(),
  },
  (table) => [
    index('actions_by_plan').on(table.planId, table.createdAt, table.id),
    index('actions_by_plan_status').on(
      table.planId,
      table.status,
      table.actionType,
      table.focusBits,
      table.audience,
    ),
    // The lists of one audience (actions/search-store.ts says which filter reads which). The columns after `id` are read
    // without being searched, so that the rows themselves are not touched.
    index('actions_newest')
      .on(
        table.companyId,
        table.audience,
        table.createdAt,
        table.id,
        table.planId,
        table.actionType,
        table.focusBits,
        table.titleFolded,
        table.descriptionFolded,
      )
      .where(sql`audience <> ''`),
    index('actions_by_status')
      .on(
        table.companyId,
        table.audience,
        table.status,
        table.createdAt,
        table.id,
        table.actionType,
        table.focusBits,
        table.expiresAt,
      )
      .where(sql`audience <> ''`),
    index('actions_by_facets').on(
      table.companyId,
      table.actionType,
      table.focusBits,
      table.createdAt,
      table.id,
    ),
    index('actions_by_due_date')
      .on(
        table.companyId,
        table.audience,
        table.status,
        table.dueDate,
        table.createdAt,
        table.id,
        table.planId,
        table.actionType,
        table.focusBits,
        table.expiresAt,
      )
      .where(sql`audience <> '' AND due_date IS NOT NULL`),
    index('actions_by_expiry')
      .on(table.expiresAt, table.id)
      .where(sql`expires_at IS NOT NULL`),
    index('actions_by_creator').on(table.createdBy),
    uniqueIndex('actions_by_external_id')
      .on(table.companyId, table.importer, table.externalId)
      .where(sql`external_id IS NOT NULL`),
    index('actions_of_another_audience')
      .on(table.createdBy, table.createdAt, table.id)
      .where(sql`audience <> '*' AND audience <> created_by`),
  ],
)

const actionId = () =>
  text('action_id')
    .notNull()
    .references(() => actions.id, { onDelete: 'cascade' })

export const actionAssignees = sqliteTable(
  'action_assignees',
  {
    actionId: actionId(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    position: integer('position').notNull(),
    status: text('status', { enum: STATUSES }).notNull(),
    startedAt: integer('started_at'),
    finishedAt: integer('finished_at'),
    /** Whether the assignee is the creator of the action. */
    isCreator: integer('is_creator', { mode: 'boolean' }).notNull(),
    /** That of the action. */
    createdAt: createdAt(),
    /** That of the action: a trigger takes over a change. */
    dueDate: integer('due_date'),
  },
  (table) => [
    primaryKey({ columns: [table.actionId, table.userId] }),
    index('assignees_by_user').on(table.userId, table.isCreator, table.createdAt, table.actionId),
    // A person's open work by its due date, for reminders and calendars.
    index('assignees_open_by_due_date')
      .on(table.userId, table.dueDate, table.actionId)
      .where(sql`due_date IS NOT NULL AND status IN ('NOT_STARTED', 'IN_PROGRESS')`),
    index('assignees_expired')
      .on(table.userId, table.finishedAt, table.actionId)
      .where(sql`status = 'EXPIRED'`),
  ],
)

export const actionFocusItems = sqliteTable(
  'action_focus_items',
  {
    actionId: actionId(),
    position: integer('position').notNull(),
    focusType: text('focus_type', { enum: FOCUS_TYPES }).notNull(),
    focusId: text('focus_id'),
  },
  (table) => [primaryKey({ columns: [table.actionId, table.position] })],
)

export const actionHierarchies = sqliteTable(
  'action_hierarchies',
  {
    actionId: actionId(),
    hierarchyId: text('hierarchy_id')
      .notNull()
      .references(() => hierarchies.id, { onDelete: 'cascade' }),
    position: integer('position').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.actionId, table.hierarchyId] }),
    index('action_hierarchies_by_hierarchy').on(table.hierarchyId, table.actionId),
  ],
)

export const notes = sqliteTable(
  'notes',
  {
    id: id(),
    actionId: actionId(),
    authorId: text('author_id')
      .notNull()
      .references(() => users.id),
    text: text('text').notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index('notes_newest').on(table.actionId, table.createdAt, table.id),
    index('notes_by_author').on(table.authorId),
  ],
)

/** Number of actions of each audience by type, focus types and status as stored. Kept by trigger. */
export const audienceCounts = sqliteTable(
  'audience_counts',
  {
    companyId: companyId(),
    audience: text('audience').notNull(),
    actionType: text('action_type', { enum: ACTION_TYPES }).notNull(),
    focusBits: integer('focus_bits').notNull(),
    notStarted: integer('not_started').notNull().default(0),
    inProgress: integer('in_progress').notNull().default(0),
    completed: integer('completed').notNull().default(0),
    cancelled: integer('cancelled').notNull().default(0),
    expired: integer('expired').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.companyId, table.audience, table.actionType, table.focusBits] })],
)

/** What each audience ('*' or a user) may read. Kept by trigger. */
export const readableTotals = sqliteTable(
  'readable_totals',
  {
    companyId: companyId(),
    reader: text('reader').notNull(),
    plans: integer('plans').notNull().default(0),
    /** Actions that the user reads as creator or assignee only, being none of their audience. */
    personalActions: integer('personal_actions').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.companyId, table.reader] })],
)

/** A row that every write replaces: a NULL in it violates NOT NULL and fails the whole batch (platform/write.ts). */
export const writeGuards = sqliteTable('write_guards', {
  id: integer('id').primaryKey(),
  session: integer('session').notNull(),
  state: integer('state').notNull(),
})

/** The facts from which a repeated request is answered (platform/idempotency.ts). */
export const idempotencyRecords = sqliteTable(
  'idempotency_records',
  {
    /** Hash of user, endpoint and key: 22 characters, base64url. */
    id: id(),
    companyId: companyId(),
    /** Hash of the body, in the same form. */
    bodyHash: text('body_hash').notNull(),
    /** The facts that the answer needs besides the request (JSON). */
    facts: text('facts').notNull(),
    createdAt: createdAt(),
  },
  (table) => [index('idempotency_records_by_age').on(table.createdAt)],
)

/** The positions from which the sweep continues to walk long lists. */
export const sweepCursors = sqliteTable('sweep_cursors', {
  /** Name of the walk. */
  name: text('name').primaryKey(),
  position: text('position').notNull(),
})

export const exports = sqliteTable(
  'exports',
  {
    id: id(),
    companyId: companyId(),
    kind: text('kind', { enum: EXPORT_KINDS }).notNull().default('PLAN'),
    /** No foreign key, because an export is kept longer than its plan. Both are '' in the export of the portfolio. */
    planId: text('plan_id').notNull(),
    planTitle: text('plan_title').notNull(),
    /** What the portfolio is filtered by (JSON); null in the export of a plan. */
    filter: text('filter'),
    requestedBy: text('requested_by')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Both as of the request, for the mail about a failure before the plan is frozen; null in rows of older versions. */
    requesterName: text('requester_name'),
    companyName: text('company_name'),
    /** That of the company as of the request, for all mails about the export; null in rows of older versions. */
    accentColor: text('accent_color'),
    locale: text('locale', { enum: LOCALES }).notNull(),
    status: text('status', { enum: EXPORT_STATUSES }).notNull(),
    attempts: integer('attempts').notNull().default(0),
    /** Number of builds in a row that reported no result: the consumer that ran them died. */
    silentTries: integer('silent_tries').notNull().default(0),
    /** Since when the export waits for a free slot of its company; null if it does not wait. */
    waitingSince: integer('waiting_since'),
    /** Number of times that the mail provider did not accept a mail. */
    mailTries: integer('mail_tries').notNull().default(0),
    /** When the next try is due; the sweep looks for exports that are overdue. */
    nextAttemptAt: integer('next_attempt_at').notNull(),
    /** Until when the consumer that builds the export counts as alive. */
    leaseUntil: integer('lease_until'),
    /** Facts of the frozen plan for all volumes and the e-mail (JSON); null before the plan is frozen. */
    frozen: text('frozen'),
    /** The ids of the users whom the content names (JSON array); null before it is frozen, and in rows of older versions. */
    people: text('people'),
    progressDone: integer('progress_done').notNull().default(0),
    progressTotal: integer('progress_total').notNull().default(0),
    requestedAt: integer('requested_at').notNull(),
    finishedAt: integer('finished_at'),
    /** When the files are deleted. */
    expiresAt: integer('expires_at'),
    /** `linkExpiresAt` and `linkKeyId` are set before the first mail, so that every try sends the same bytes. */
    linkExpiresAt: integer('link_expires_at'),
    linkKeyId: text('link_key_id'),
    failureCode: text('failure_code', { enum: EXPORT_FAILURES }),
    failureDetail: text('failure_detail'),
    /** Whether the one mail about a failure is still owed or has been sent; null if there is none to send. */
    failureMail: text('failure_mail', { enum: ['OWED', 'SENT'] }),
    revision: revision(),
  },
  (table) => [
    index('exports_newest').on(table.requestedBy, table.requestedAt, table.id),
    index('exports_by_plan').on(table.planId, table.status),
    index('exports_by_due').on(table.status, table.nextAttemptAt),
    index('exports_by_expiry').on(table.status, table.expiresAt),
    index('exports_waiting')
      .on(table.companyId, table.requestedAt)
      .where(sql`waiting_since IS NOT NULL`),
    index('exports_building')
      .on(table.companyId)
      .where(sql`status = 'BUILDING'`),
    index('exports_failure_mail').on(table.failureMail),
  ],
)

const exportId = () =>
  text('export_id')
    .notNull()
    .references(() => exports.id, { onDelete: 'cascade' })

export const exportFiles = sqliteTable(
  'export_files',
  {
    exportId: exportId(),
    position: integer('position').notNull(),
    name: text('name').notNull(),
    bytes: integer('bytes').notNull(),
    sha256: text('sha256').notNull(),
  },
  (table) => [primaryKey({ columns: [table.exportId, table.position] })],
)

/**
 * Mails with fresh links that somebody with an expired link asked for. Their number and times are what the limits on such
 * mails count, so rows outlive their mails by a day.
 */
export const linkMails = sqliteTable(
  'link_mails',
  {
    id: id(),
    companyId: companyId(),
    exportId: exportId(),
    /** The requester of the export, who gets the mail. */
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    locale: text('locale', { enum: LOCALES }).notNull(),
    /** Expiry and key of the links are set before the first try, so that every try sends the same bytes. */
    linkExpiresAt: integer('link_expires_at').notNull(),
    linkKeyId: text('link_key_id').notNull(),
    createdAt: createdAt(),
    /** When the sweep sends the mail again; null if it is settled. */
    mailDueAt: integer('mail_due_at'),
    /** When the provider took or refused the mail, or it was given up. */
    settledAt: integer('settled_at'),
  },
  (table) => [
    index('link_mails_by_export').on(table.exportId),
    index('link_mails_by_user').on(table.userId),
    index('link_mails_by_mail').on(table.mailDueAt),
    index('link_mails_by_age').on(table.createdAt),
  ],
)

/** The plan's actions as they were when the export began, one row each, until all volumes are stored. */
export const exportActions = sqliteTable(
  'export_actions',
  {
    exportId: exportId(),
    position: integer('position').notNull(),
    actionId: text('action_id').notNull(),
    /** Approximate weight of the action with its notes; portions and volumes are formed by it. */
    bytes: integer('bytes').notNull().default(0),
    /** The part that the Summary shows (JSON). */
    summary: text('summary').notNull(),
    /** The part that only the action's own sheet shows (JSON). */
    detail: text('detail').notNull(),
  },
  (table) => [primaryKey({ columns: [table.exportId, table.position] })],
)

/** The plans of the portfolio as they were when the export began, one row each, until all volumes are stored. */
export const exportPlans = sqliteTable(
  'export_plans',
  {
    exportId: exportId(),
    position: integer('position').notNull(),
    planId: text('plan_id').notNull(),
    /** The plan as the workbook shows it (JSON). */
    plan: text('plan').notNull(),
  },
  (table) => [primaryKey({ columns: [table.exportId, table.position] })],
)

/**
 * The hierarchies of the copy, stored once per export, since an action has up to 50 of them: those that are targeted, by
 * name; of a portfolio the whole tree, depth first.
 */
export const exportHierarchies = sqliteTable(
  'export_hierarchies',
  {
    exportId: exportId(),
    hierarchyId: text('hierarchy_id').notNull(),
    name: text('name').notNull(),
    /** null at the top, and in the export of a plan, as `position`. */
    parentId: text('parent_id'),
    /** The place in the tree, depth first, from 0. */
    position: integer('position'),
  },
  (table) => [primaryKey({ columns: [table.exportId, table.hierarchyId] })],
)

export const exportNotes = sqliteTable(
  'export_notes',
  {
    exportId: exportId(),
    position: integer('position').notNull(),
    noteId: text('note_id').notNull(),
    note: text('note').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.exportId, table.position, table.noteId] }),
    foreignKey({
      columns: [table.exportId, table.position],
      foreignColumns: [exportActions.exportId, exportActions.position],
    }).onDelete('cascade'),
  ],
)

/**
 * Mails that remind people of their open work: one a user and local date. Of a user, the newest is kept, since it tells
 * which days had theirs, and the newest that was sent, since it tells what the user knows.
 */
export const reminders = sqliteTable(
  'reminders',
  {
    id: id(),
    companyId: companyId(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** The day in the company's time zone, `2026-11-26`. */
    localDate: text('local_date').notNull(),
    /** The ids of the actions that it lists, by what is said of them (JSON). */
    listed: text('listed').notNull(),
    /** All that the mail shows (JSON), kept so that every try sends the same bytes; '' once it is settled. */
    content: text('content').notNull(),
    /** After this moment it is not sent any more. */
    sendUntil: integer('send_until').notNull(),
    /** When the sweep sends the mail again; null if it is settled. */
    mailDueAt: integer('mail_due_at'),
    /** When the provider took it; null if it has not, or never will. */
    sentAt: integer('sent_at'),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('reminders_by_user').on(table.userId, table.localDate),
    index('reminders_by_mail')
      .on(table.mailDueAt)
      .where(sql`mail_due_at IS NOT NULL`),
  ],
)

/** Secret calendar addresses, one a user at most. */
export const calendars = sqliteTable('calendars', {
  userId: text('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  companyId: companyId(),
  /** SHA-256 of the token in the address, hex. The token itself is not stored. */
  tokenHash: text('token_hash').notNull().unique(),
  createdAt: createdAt(),
})

/**
 * What happened to plans, actions and notes: a row for each change, written in the batch of the change. Plan and action are
 * no foreign keys, because their history outlives them. The table is WITHOUT ROWID: its rows lie in the order of the key.
 */
export const history = sqliteTable(
  'history',
  {
    companyId: companyId(),
    /** The place in the company's order: one more than that of the entry before. */
    number: integer('number').notNull(),
    id: text('id').notNull(),
    /** When it happened; for an expiry the due date. */
    at: integer('at').notNull(),
    /** When it was written down; retention counts from here. */
    recordedAt: integer('recorded_at').notNull(),
    /** null if nobody did it. */
    actorId: text('actor_id').references(() => users.id),
    via: text('via', { enum: WAYS }).notNull(),
    type: text('type', { enum: CHANGE_TYPES }).notNull(),
    planId: text('plan_id').notNull(),
    /** null for a change of the plan itself. */
    actionId: text('action_id'),
    /** The title of the action or the plan after the change. */
    title: text('title').notNull(),
    /** `{member: {before, after}}` as JSON. */
    changes: text('changes').notNull(),
    /**
     * Of a deletion: who could read the plan or action then. Of another change: null if the same people may read it as
     * before, else who could before or can since; they are told by `access.changed`. '*' is every manager; otherwise ids,
     * each followed by a space.
     */
    readers: text('readers'),
    /** Bytes of all entries of the same statement, in the last of them; null in the others. */
    batchBytes: integer('batch_bytes'),
  },
  (table) => [
    primaryKey({ columns: [table.companyId, table.number] }),
    index('history_by_plan').on(table.planId, table.number),
    index('history_by_action')
      .on(table.actionId, table.number)
      .where(sql`action_id IS NOT NULL`),
    index('history_by_actor')
      .on(table.actorId, table.number)
      .where(sql`actor_id IS NOT NULL`),
  ],
)

export const webhooks = sqliteTable(
  'webhooks',
  {
    id: id(),
    companyId: companyId(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    url: text('url').notNull(),
    /** Host and port of the URL: what the number of deliveries at once is bounded for. */
    host: text('host').notNull(),
    /** Names of event types as a JSON array; null for all. */
    types: text('types'),
    active: integer('active', { mode: 'boolean' }).notNull(),
    /** Only entries of the history beyond this number are delivered. */
    fromNumber: integer('from_number').notNull(),
    /** The secret is derived from the id and this number (webhooks/secrets.ts); it is not stored. */
    secretNumber: integer('secret_number').notNull().default(1),
    /** Until when the secret before signs as well. */
    previousSecretUntil: integer('previous_secret_until'),
    /** Since when no delivery has succeeded; null if the last one did. */
    failingSince: integer('failing_since'),
    /** When its failures switched it off; null if they did not. */
    switchedOffAt: integer('switched_off_at'),
    /** When the mail about that is sent (again); null if none is owed. */
    mailDueAt: integer('mail_due_at'),
    /** What that mail shows, kept so that every try sends the same bytes. */
    mailLocale: text('mail_locale', { enum: LOCALES }),
    mailUserName: text('mail_user_name'),
    mailCompanyName: text('mail_company_name'),
    mailAccentColor: text('mail_accent_color'),
    /** When it was deleted: nobody sees it any more. The row goes once the sweep has deleted its deliveries. */
    deletedAt: integer('deleted_at'),
    revision: revision(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    index('webhooks_by_company').on(table.companyId, table.active),
    index('webhooks_by_user').on(table.userId, table.createdAt, table.id),
    index('webhooks_by_mail')
      .on(table.mailDueAt)
      .where(sql`mail_due_at IS NOT NULL`),
    index('webhooks_deleted')
      .on(table.deletedAt)
      .where(sql`deleted_at IS NOT NULL`),
  ],
)

/** Up to which entry of a company's history deliveries have been made; a row for each company that has webhooks. */
export const webhookCursors = sqliteTable(
  'webhook_cursors',
  {
    companyId: companyId().primaryKey(),
    number: integer('number').notNull(),
    /** Whether there are entries beyond it that an active webhook may be waiting for. Set by trigger. */
    isBehind: integer('is_behind', { mode: 'boolean' }).notNull().default(false),
  },
  (table) => [
    index('webhook_cursors_behind')
      .on(table.isBehind)
      .where(sql`is_behind = 1`),
  ],
)

/** One event on its way to one webhook. What is sent follows from the row, so that every try sends the same bytes. */
export const webhookDeliveries = sqliteTable(
  'webhook_deliveries',
  {
    /** Also the header `webhook-id`. */
    id: id(),
    /** No foreign key: that of the webhook cascades. */
    companyId: text('company_id').notNull(),
    webhookId: text('webhook_id')
      .notNull()
      .references(() => webhooks.id, { onDelete: 'cascade' }),
    type: text('type', { enum: DELIVERY_TYPES }).notNull(),
    /** When the event happened. */
    at: integer('at').notNull(),
    planId: text('plan_id'),
    actionId: text('action_id'),
    /** Number of the entry of the history that it is about. */
    historyNumber: integer('history_number'),
    historyId: text('history_id'),
    exportId: text('export_id'),
    status: text('status', { enum: DELIVERY_STATUSES }).notNull(),
    tries: integer('tries').notNull().default(0),
    /** How many of the tries the rhythm made: those by hand do not count for it. */
    automaticTries: integer('automatic_tries').notNull().default(0),
    /** Whether the next try was asked for by hand. */
    isByHand: integer('is_by_hand', { mode: 'boolean' }).notNull().default(false),
    /** HTTP status of the last answer; null if there was none. */
    lastStatus: integer('last_status'),
    /** When the next try is due; null once the delivery is settled. */
    nextTryAt: integer('next_try_at'),
    /** Until when the consumer that tries it counts as alive; 0 while it waits for its turn at the host. */
    leaseUntil: integer('lease_until'),
    /** Host of the webhook at the last try, and company: what the number of tries at once is bounded for. */
    lane: text('lane').notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index('webhook_deliveries_newest').on(table.webhookId, table.createdAt, table.id),
    index('webhook_deliveries_by_due')
      .on(table.nextTryAt)
      .where(sql`next_try_at IS NOT NULL AND lease_until IS NOT 0`),
    index('webhook_deliveries_under_way')
      .on(table.lane, table.leaseUntil)
      .where(sql`lease_until IS NOT NULL`),
    index('webhook_deliveries_by_age').on(table.createdAt),
  ],
)
