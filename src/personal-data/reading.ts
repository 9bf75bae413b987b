/**
 * Reads what is kept about and by the caller: in one batch if that is little, else portion by portion while the answer
 * is sent, so that the answer may be larger than memory.
 */
import { viewUser } from '../people/view.ts'
import { Admission } from '../platform/admission.ts'
import { type Answer, PieceWriter, streamed } from '../platform/answer.ts'
import { Problem } from '../platform/problem.ts'
import { logFailure, logStep } from '../platform/request-log.ts'
import type { AuthorizedRequest, ReadScope, RequestFacts } from '../platform/request.ts'
import type { Database } from '../platform/database.ts'
import { toIso } from '../platform/time.ts'
import { viewWebhook } from '../webhooks/view.ts'
import type { ListName, PersonalHead } from './schemas.ts'
import {
  accessKeyPortion,
  actionPortion,
  assignmentPortion,
  calendarPortion,
  exportPortion,
  historyPortion,
  linkMailPortion,
  meWithCompany,
  notePortion,
  planPortion,
  type Portion,
  reminderPortion,
  sessionPortion,
  signInCodePortion,
  type Start,
  webhookPortion,
} from './store.ts'
import {
  viewAccessKey,
  viewAssignment,
  viewLinkMail,
  viewOwnEntry,
  viewOwnAction,
  viewOwnCalendar,
  viewOwnExport,
  viewOwnNote,
  viewOwnPlan,
  viewReminder,
  viewSession,
  viewSignInCode,
} from './view.ts'

/** A list of the answer, whose portions are JSON texts. */
interface List {
  name: ListName
  portion: (database: Database, scope: ReadScope, start: Start) => Portion<string>
}

/** The next portion of a list; null after the last one. */
type Next = ReturnType<Portion<string>['read']>['next']

function list<Item>(
  name: ListName,
  portionOf: (database: Database, scope: ReadScope, start: Start) => Portion<Item>,
  view: (item: Item, now: number) => object,
): List {
  return {
    name,
    portion(database, scope, start) {
      const { statement, read } = portionOf(database, scope, start)
      return {
        statement,
        read(rows) {
          const { items, next } = read(rows)
          return { items: items.map((item) => JSON.stringify(view(item, scope.now))), next }
        },
      }
    },
  }
}

const LISTS: readonly List[] = [
  list('sessions', sessionPortion, viewSession),
  list('accessKeys', accessKeyPortion, viewAccessKey),
  list('signInCodes', signInCodePortion, viewSignInCode),
  list('plans', planPortion, viewOwnPlan),
  list('actions', actionPortion, viewOwnAction),
  list('assignments', assignmentPortion, viewAssignment),
  list('notes', notePortion, viewOwnNote),
  list('calendars', calendarPortion, viewOwnCalendar),
  list('exports', exportPortion, viewOwnExport),
  list('history', historyPortion, viewOwnEntry),
  list('linkMails', linkMailPortion, viewLinkMail),
  list('reminders', reminderPortion, viewReminder),
  list('webhooks', webhookPortion, viewWebhook),
]

/** Rows that the first portion of a list looks at; later ones look at more if rows are light. */
const FIRST_ROWS = 100
const PORTION_BYTES = 512 * 1024

const HEADERS = { 'Content-Disposition': 'attachment; filename="my-data.json"' }

/** All that is kept about and by the caller. Throws 503 BUSY. */
export async function readPersonalData(
  request: AuthorizedRequest,
  facts: Pick<RequestFacts, 'id' | 'meter'>,
): Promise<Answer> {
  const { database, scope, now } = request
  const bytes = Math.floor((await request.light()) / LISTS.length)
  const portions = LISTS.map((each) =>
    each.portion(database, scope, { after: null, rows: FIRST_ROWS, bytes }),
  )
  const { rows } = await request.read([
    meWithCompany(database, scope),
    ...portions.map(({ statement }) => statement),
  ] as const)
  const [[me], ...results] = rows
  // Whoever has a session has a row.
  if (!me) throw new Problem('UNAUTHENTICATED')
  const { user, companyName } = me
  const head: PersonalHead = {
    asOf: toIso(now),
    company: { id: user.companyId, name: companyName },
    user: viewUser(user),
  }
  const firsts = portions.map(({ read }, index) => read(results[index]))
  if (firsts.every(({ next }) => next === null)) {
    const writer = new PieceWriter()
    for (const { text } of opened(head, firsts)) writer.write([text])
    return { status: 200, body: writer.finish(), headers: HEADERS, tag: 'none' }
  }
  return streamed(inPortions(request, facts, opened(head, firsts)), HEADERS)
}

/** A piece of the JSON, after which the rest of a list belongs. */
interface Opened {
  text: string
  list: List | null
  next: Next
}

/** The answer as far as it has been read. */
function* opened(head: PersonalHead, firsts: readonly { items: string[]; next: Next }[]): Generator<Opened> {
  yield { text: JSON.stringify(head).slice(0, -1), list: null, next: null }
  for (const [index, each] of LISTS.entries()) {
    const { items, next } = firsts[index] ?? { items: [], next: null }
    yield { text: `,"${each.name}":[${items.join(',')}`, list: each, next }
    yield { text: ']', list: null, next: null }
  }
  yield { text: '}', list: null, next: null }
}

/** The whole answer as text; each further portion has memory granted while it is read. */
async function* inPortions(
  request: AuthorizedRequest,
  { id, meter }: Pick<RequestFacts, 'id' | 'meter'>,
  pieces: Iterable<Opened>,
): AsyncGenerator<string> {
  try {
    for (const { text, list: unfinished, next } of pieces) {
      yield text
      if (unfinished) yield* restOf(request, unfinished, next)
    }
  } catch (error) {
    logFailure(id, error)
    throw error
  }
  logStep('personal-data.sent', { requestId: id }, meter)
}

async function* restOf(request: AuthorizedRequest, { portion }: List, first: Next): AsyncGenerator<string> {
  const { database, scope } = request
  for (let next = first; next;) {
    const { statement, read } = portion(database, scope, { ...next, bytes: PORTION_BYTES })
    const { items, next: following } = await granted(database, async () => {
      const { rows } = await request.read([statement] as const)
      return read(rows[0])
    })
    if (items.length > 0) yield `,${items.join(',')}`
    next = following
  }
}

/** Reads while memory for a portion is granted. The grant ends with it, since whoever asked may be slow to take it. */
async function granted<T>(database: Database, read: () => Promise<T>): Promise<T> {
  const admission = new Admission()
  await admission.heavy(PORTION_BYTES, database)
  try {
    return await read()
  } finally {
    admission.release()
  }
}
