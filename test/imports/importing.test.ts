/** An import through the public door: what it stores, what it leaves, and who may do it. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import type { NoteView } from '../../src/actions/schemas.ts'
import {
  ACTIONS,
  call,
  codeOf,
  createAction,
  createPlan,
  HISTORY,
  PLANS,
  type Slice,
} from '../support/api.ts'
import { dumpDatabase } from '../support/dump.ts'
import { insertHierarchy } from '../support/factories.ts'
import { createWorld, openKey, openSession, type World } from '../support/world.ts'
import { importLines, importWorkbook, workbookOf } from './support.ts'
import { home } from '../support/home.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})

const STORED = { dryRun: false }
const plan = (fields: object = {}) => ({ externalId: 'p', title: 'Plan', visibility: 'PUBLIC', ...fields })
const action = (fields: object = {}) => ({ externalId: 'a', title: 'Action', ...fields })

async function plansOf(who = world.ana) {
  return (await call<Slice<PlanView>>(who, 'GET', PLANS)).body.result
}

describe('a file of plans', () => {
  it('is only checked unless it says otherwise', async () => {
    const before = await dumpDatabase()
    const file = [plan({ actions: [action()] })]
    for (const options of [{}, { dryRun: true }]) {
      const reply = await importLines(world.marc, file, options)
      expect([reply.status, reply.body]).toEqual([
        200,
        { plans: 1, actions: 1, created: 2, unchanged: 0, errors: [] },
      ])
    }
    expect(await dumpDatabase()).toEqual(before)
  })

  it('is stored with everything in it, in its order', async () => {
    const { companyId, ana, marc, noa } = world
    const top = await insertHierarchy({ companyId, name: 'Operations' })
    const area = await insertHierarchy({ companyId, name: 'Warehouse', parentId: top.id })
    const file = [
      plan({
        description: 'Why',
        createdBy: marc.email.toUpperCase(),
        createdAt: '2020-01-01T00:00:00Z',
        actions: [
          action({
            description: 'How',
            actionType: 'COMPANY',
            origin: 'AI',
            visibility: 'PRIVATE',
            dueDate: '2030-06-01',
            status: 'Completada',
            startedAt: '2021-01-01',
            finishedAt: '2021-02-01T00:00:00Z',
            assignees: [marc.email, noa.email],
            areas: ['operations / WAREHOUSE', 'Operations'],
            focusItems: [{ focusType: 'Score', focusId: 'x' }, { focusType: 'eNPS' }],
            notes: [{ author: noa.email, text: 'Done', createdAt: '2021-02-01T00:00:00Z' }, { text: 'Mine' }],
            createdBy: noa.email,
            createdAt: '2020-05-05T00:00:00Z',
          }),
          ...['b', 'c', 'd', 'e'].map((externalId) => action({ externalId, title: externalId })),
        ],
      }),
    ]
    const reply = await importLines(ana, file, STORED)
    expect([reply.status, reply.body]).toEqual([
      200,
      { plans: 1, actions: 5, created: 6, unchanged: 0, errors: [] },
    ])
    const [stored] = await plansOf()
    expect(stored).toMatchObject({
      title: 'Plan',
      description: 'Why',
      visibility: 'PUBLIC',
      createdBy: marc.id,
      createdAt: '2020-01-01T00:00:00.000Z',
    })
    // Ana reads the private one neither as its creator nor as an assignee.
    expect(stored?.actions.map(({ title }) => title)).toEqual(['b', 'c', 'd', 'e'])
    expect(stored?.actions[0]).toMatchObject({ createdBy: marc.id, assignees: [{ userId: marc.id }] })
    const [seen] = (await plansOf(noa))[0]?.actions ?? []
    const state = {
      status: 'COMPLETED',
      startedAt: '2020-12-31T23:00:00.000Z',
      finishedAt: '2021-02-01T00:00:00.000Z',
    }
    expect(seen).toMatchObject({
      title: 'Action',
      description: 'How',
      actionType: 'COMPANY',
      origin: 'AI',
      visibility: 'PRIVATE',
      followsPlanVisibility: false,
      dueDate: '2030-06-01T21:59:59.999Z',
      ...state,
      assignees: [
        { userId: marc.id, ...state },
        { userId: noa.id, ...state },
      ],
      hierarchyIds: [area.id, top.id],
      focusItems: [
        { focusType: 'SCORE', focusId: 'x' },
        { focusType: 'ENPS', focusId: null },
      ],
      noteCount: 2,
      createdBy: noa.id,
      createdAt: '2020-05-05T00:00:00.000Z',
    })
    expect(seen?.id.slice(0, 8)).toBe((Date.parse('2020-05-05') / 1000).toString(16))
    const notes = await call<Slice<NoteView>>(noa, 'GET', `${ACTIONS}/${seen?.id ?? ''}/notes`)
    expect(notes.body.result.map(({ text, authorId }) => [text, authorId])).toEqual([
      ['Mine', ana.id],
      ['Done', noa.id],
    ])
  })

  it('changes nothing the second time, also in what was changed since', async () => {
    const file = [plan({ actions: [action(), action({ externalId: 'b' })] })]
    await importLines(world.marc, file, STORED)
    const [stored] = await plansOf(world.marc)
    await call(world.marc, 'PATCH', `${PLANS}/${stored?.id ?? ''}`, { body: { title: 'Renamed' } })
    await call(world.marc, 'DELETE', `${ACTIONS}/${stored?.actions[0]?.id ?? ''}`)
    const before = await dumpDatabase()
    const dry = await importLines(world.marc, file)
    expect(dry.body).toMatchObject({ created: 1, unchanged: 2, errors: [] })
    expect(await dumpDatabase()).toEqual(before)
    const again = await importLines(world.marc, file, STORED)
    expect(again.body).toMatchObject({ plans: 1, actions: 2, created: 1, unchanged: 2 })
    const settled = await dumpDatabase()
    expect((await importLines(world.marc, file, STORED)).body).toMatchObject({ created: 0, unchanged: 3 })
    expect(await dumpDatabase()).toEqual(settled)
    expect((await plansOf(world.marc))[0]).toMatchObject({ title: 'Renamed' })
  })

  it('has names of its own for each importer', async () => {
    const file = [plan({ actions: [action()] })]
    for (const who of [world.marc, world.noa])
      expect((await importLines(who, file, STORED)).body).toMatchObject({ created: 2 })
    expect(await plansOf()).toHaveLength(2)
  })

  it('leaves its trace in the history, as an import', async () => {
    await importLines(world.marc, [plan({ actions: [action({ notes: [{ text: 'n' }] })] })], STORED)
    const { body } = await call<{ entries: { type: string; via: string; actor: { userId: string } }[] }>(
      world.marc,
      'GET',
      HISTORY,
    )
    expect(body.entries.map(({ type, via, actor }) => [type, via, actor.userId])).toEqual(
      ['note.added', 'action.created', 'plan.created'].map((type) => [type, 'IMPORT', world.marc.id]),
    )
  })

  it('is all or nothing: with an error nothing is stored, and all errors are named', async () => {
    const before = await dumpDatabase()
    const lines = [
      JSON.stringify(
        plan({
          actions: [action({ titel: 'x', dueDate: 'soon', assignees: ['nobody@x.test', world.eli.email] })],
        }),
      ),
      '{"externalId":"q"',
      '',
      JSON.stringify(
        plan({ externalId: 'r', title: '', actions: [action({ externalId: 'a', areas: ['Nowhere'] }), 7] }),
      ),
      JSON.stringify(plan({ actions: [] })),
      JSON.stringify({ title: 'No id' }),
    ]
    const reply = await importLines(world.ana, lines.join('\n'), STORED)
    expect([reply.status, codeOf(reply)]).toEqual([422, 'IMPORT_INVALID'])
    const dry = await importLines(world.ana, lines.join('\n'))
    expect(dry.status).toBe(200)
    expect(dry.body.errors).toEqual(reply.body.errors)
    const found = dry.body.errors.map(({ line, message }) => `${String(line)} ${message}`).sort()
    expect(found).toEqual([
      '1 actions.0.assignees.0: "nobody@x.test" is nobody of the company',
      `1 actions.0.assignees.1: "${world.eli.email}" is no active company manager`,
      '1 actions.0.dueDate: must be an ISO 8601 date, or a date and time with an offset',
      '1 actions.0.titel: is not known; did you mean `title`?',
      '2 must be a JSON object',
      '4 actions.0.areas.0: "Nowhere" is no area of the company',
      '4 actions.0.externalId: is the id of another action in this file too',
      '4 actions.1: must be an object',
      '4 title: must not be empty',
      '5 externalId: is the plan of another line too',
      '6 externalId: must not be empty',
    ])
    expect(await dumpDatabase()).toEqual(before)
  })

  it('names people and areas that are not there', async () => {
    const file = [
      plan({ actions: [action({ assignees: ['nobody@x.test', world.eli.email], areas: ['Nowhere'] })] }),
    ]
    expect((await importLines(world.ana, file)).body.errors).toEqual([
      { line: 1, message: 'actions.0.assignees.0: "nobody@x.test" is nobody of the company' },
      { line: 1, message: `actions.0.assignees.1: "${world.eli.email}" is no active company manager` },
      { line: 1, message: 'actions.0.areas.0: "Nowhere" is no area of the company' },
    ])
  })

  it('may have unknown members where the request says so', async () => {
    const file = [plan({ actions: [action({ titel: 'x' })] })]
    const reply = await importLines(world.ana, file, { headers: { Prefer: 'handling=lenient' } })
    expect([reply.body.errors, reply.headers.get('Preference-Applied')]).toEqual([[], 'handling=lenient'])
  })

  it('is answered from what is kept when it comes again with its key', async () => {
    const headers = { 'Idempotency-Key': 'once' }
    const file = [plan()]
    const first = await importLines(world.marc, file, { ...STORED, headers })
    const [stored] = await plansOf(world.marc)
    await call(world.marc, 'DELETE', `${PLANS}/${stored?.id ?? ''}`)
    const again = await importLines(world.marc, file, { ...STORED, headers })
    expect([again.body, again.headers.get('Idempotent-Replayed')]).toEqual([first.body, 'true'])
    expect(await plansOf(world.marc)).toEqual([])
    expect(codeOf(await importLines(world.marc, [plan({ title: 'x' })], { ...STORED, headers }))).toBe(
      'IDEMPOTENCY_KEY_REUSED',
    )
  })

  it('sent twice at once is stored once', async () => {
    const file = [plan({ actions: [action(), action({ externalId: 'b' })] })]
    const replies = await Promise.all([1, 2, 3].map(() => importLines(world.marc, file, STORED)))
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(replies.map(({ body }) => body.created).sort()).toEqual([0, 0, 3])
    expect(await plansOf(world.marc)).toHaveLength(1)
  })
})

describe('only an ADMIN', () => {
  it.each([
    ['creators of plans', () => plan({ createdBy: world.noa.email }), 'createdBy'],
    [
      'creators of actions',
      () => plan({ actions: [action({ createdBy: world.noa.email })] }),
      'actions.0.createdBy',
    ],
    [
      'authors',
      () => plan({ actions: [action({ notes: [{ author: world.noa.email, text: 'x' }] })] }),
      'actions.0.notes.0.author',
    ],
  ])('may name others as %s', async (_, make, member) => {
    const [refused] = (await importLines(world.marc, [make()])).body.errors
    expect(refused).toEqual({
      line: 1,
      message: `${member}: may be somebody else than you only if you are an ADMIN`,
    })
    expect((await importLines(world.noa, [make()])).body.errors).toEqual([])
    const key = await openKey(world.ana, 'WRITE')
    expect(codeOf(await importLines(key, [make()]))).toBe('FORBIDDEN')
    expect((await importLines(world.ana, [make()], STORED)).status).toBe(200)
    // What exists is left as it is, so that no name counts.
    expect((await importLines(key, [make()])).body).toMatchObject({ created: 0, errors: [] })
  })

  it('imports COMPANY actions', async () => {
    const file = [plan({ actions: [action({ actionType: 'COMPANY' })] })]
    expect((await importLines(world.marc, file)).body.errors).toEqual([
      { line: 1, message: 'actions.0.actionType: may be COMPANY only if you are an ADMIN' },
    ])
    expect((await importLines(world.ana, file)).body.errors).toEqual([])
  })
})

it('role and session count before the file', async () => {
  const broken = new Uint8Array([1, 2, 3])
  expect(codeOf(await importWorkbook(world.eli, broken))).toBe('FORBIDDEN')
  expect(codeOf(await importWorkbook(await openKey(world.ana, 'READ'), broken))).toBe('FORBIDDEN')
  const token = await openSession(world.marc)
  await home.prepare('UPDATE sessions SET revoked_at = 1 WHERE user_id = ?').bind(world.marc.id).run()
  expect(codeOf(await importWorkbook(token, broken))).toBe('UNAUTHENTICATED')
})

it.each([
  [{ status: 'EXPIRED' }, 'status: is EXPIRED only once a due date has passed'],
  [
    { status: 'EXPIRED', dueDate: '2020-01-01', startedAt: '2020-02-01' },
    'status: is EXPIRED only if it was started before its due date',
  ],
  [{ startedAt: '2020-01-01' }, 'startedAt: must be left out, since the status is NOT_STARTED'],
  [
    { status: 'IN_PROGRESS', finishedAt: '2020-01-01' },
    'finishedAt: must be left out, since the status is IN_PROGRESS',
  ],
  [
    { status: 'COMPLETED', startedAt: '2020-02-01', finishedAt: '2020-01-01' },
    'finishedAt: must not lie before the start',
  ],
  [{ status: 'COMPLETED', finishedAt: '2999-01-01' }, 'finishedAt: must not lie ahead'],
  [{ createdAt: '2999-01-01' }, 'createdAt: must lie between 1970 and now'],
  [{ createdAt: '1960-01-01' }, 'createdAt: must lie between 1970 and now'],
])('an action with the state %j is an error', async (fields, message) => {
  const { body } = await importLines(world.ana, [plan({ actions: [action(fields)] })])
  expect(body.errors.map((error) => error.message)).toContain(`actions.0.${message}`)
})

it('an action that expired is stored so, with its due date as its end', async () => {
  const fields = { status: 'Expired', dueDate: '2020-03-01', startedAt: '2020-02-01' }
  await importLines(world.ana, [plan({ actions: [action(fields)] })], STORED)
  const dueDate = '2020-03-01T22:59:59.999Z'
  expect((await plansOf())[0]?.actions[0]).toMatchObject({ status: 'EXPIRED', dueDate, finishedAt: dueDate })
})

describe('a plan that exists', () => {
  it('gets new actions, by its id, from those who may read it', async () => {
    const home = await createPlan(world.ana, { visibility: 'PUBLIC' })
    const hidden = await createPlan(world.ana, { visibility: 'PRIVATE' })
    const there = await createAction(world.ana, home.id)
    const line = (id: string) =>
      plan({ externalId: id, title: 'x', actions: [action(), action({ externalId: there.id })] })
    const reply = await importLines(world.marc, [line(home.id)], STORED)
    expect(reply.body).toMatchObject({ created: 1, unchanged: 2 })
    expect((await plansOf(world.marc))[0]?.actions).toHaveLength(2)
    // Of a plan that marc may not read, he learns nothing: it is as good as an id that nobody has.
    const dry = await importLines(world.marc, [plan({ externalId: hidden.id })])
    expect(dry.body).toMatchObject({ created: 1, unchanged: 0 })
  })

  it('of the importer that he may no longer read gets none', async () => {
    await importLines(world.marc, [plan()], STORED)
    const [stored] = await plansOf(world.marc)
    await home
      .prepare("UPDATE plans SET created_by = ?, visibility = 'PRIVATE' WHERE id = ?")
      .bind(world.noa.id, stored?.id ?? '')
      .run()
    const reply = await importLines(world.marc, [plan({ actions: [action()] })])
    expect(reply.body.errors).toEqual([
      { line: 1, message: 'actions.0.title: may not be added: the plan is not yours to read' },
    ])
  })
})

describe('a workbook', () => {
  const HEADERS = [
    'Plan',
    'Plan visibility',
    'Action',
    'Type',
    'Status',
    'Assignee e-mails',
    'Areas',
    'Focus',
    'Due',
  ]

  it('is read by its headers and stored', async () => {
    const { companyId, marc, noa } = world
    await insertHierarchy({ companyId, name: 'Warehouse' })
    const bytes = await workbookOf([
      ['A heading of my own'],
      [],
      HEADERS,
      [
        'One',
        'Public',
        'First',
        'Manager',
        'In progress',
        `${marc.email}; ${noa.email}`,
        'warehouse',
        'Score: a; HI',
        new Date('2030-06-01'),
      ],
      ['One', null, 'Second', null, null, null, null, null, '2030-06-01T10:00:00Z'],
      ['Two', 'PRIVATE'],
    ])
    const reply = await importWorkbook(marc, bytes, STORED)
    expect([reply.status, reply.body]).toEqual([
      200,
      { plans: 2, actions: 2, created: 4, unchanged: 0, errors: [] },
    ])
    const [two, one] = await plansOf(marc)
    expect([two?.title, two?.visibility, one?.title, one?.visibility]).toEqual([
      'Two',
      'PRIVATE',
      'One',
      'PUBLIC',
    ])
    expect(one?.actions).toMatchObject([
      {
        title: 'First',
        status: 'IN_PROGRESS',
        dueDate: '2030-06-01T21:59:59.999Z',
        assignees: [{ userId: marc.id }, { userId: noa.id }],
        focusItems: [
          { focusType: 'SCORE', focusId: 'a' },
          { focusType: 'HI', focusId: null },
        ],
      },
      { title: 'Second', status: 'NOT_STARTED', dueDate: '2030-06-01T10:00:00.000Z' },
    ])
    expect((await importWorkbook(marc, bytes, STORED)).body).toMatchObject({ created: 0, unchanged: 4 })
  })

  it('has its errors by cell', async () => {
    const bytes = await workbookOf([
      [...HEADERS, 'Assigne e-mail'],
      ['One', 'Public', 'First', 'Boss', 'Started', 'nobody@x.test', 'Nowhere', 'Mood', 'soon'],
      ['One', 'Private', 'First'],
      ['One', null, null, 'Manager'],
    ])
    const { body } = await importWorkbook(world.marc, bytes)
    const cells = body.errors.map(({ cell }) => cell)
    expect(cells.sort()).toEqual(['B3', 'C3', 'C4', 'D2', 'E2', 'F2', 'G2', 'H2', 'I2', 'J1'])
    expect(body.errors.find(({ cell }) => cell === 'J1')?.message).toContain('Assignee e-mails')
    expect(new Set(body.errors.map(({ sheet }) => sheet))).toEqual(new Set(['Actions']))
  })
})
