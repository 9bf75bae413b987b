/** One upload names everything that is wrong: no error hides another one. */
import { beforeEach, describe, expect, it } from 'vitest'
import { codeOf, PLANS, call, type Slice } from '../support/api.ts'
import type { PlanView } from '../../src/action-plans/schemas.ts'
import { dumpDatabase } from '../support/dump.ts'
import { createWorld, type World } from '../support/world.ts'
import { type CellIn, importLines, importWorkbook, type ImportReply, workbookOf } from './support.ts'
import { home } from '../support/home.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})

const plan = (fields: object = {}) => ({ externalId: 'p', title: 'Plan', visibility: 'PUBLIC', ...fields })
const action = (fields: object = {}) => ({ externalId: 'a', title: 'Action', ...fields })

/** The errors of a file, which are the same when it is checked and when it is to be stored, without a trace. */
async function errorsOf(send: (dryRun: boolean) => Promise<ImportReply>): Promise<string[]> {
  const before = await dumpDatabase()
  const [dry, real] = [await send(true), await send(false)]
  expect([dry.status, real.status, codeOf(real)]).toEqual([200, 422, 'IMPORT_INVALID'])
  expect(real.body.errors).toEqual(dry.body.errors)
  expect(dry.body.created).toBe(0)
  expect(await dumpDatabase()).toEqual(before)
  return dry.body.errors.map(({ line, cell, message }) => `${String(line ?? cell)} ${message}`).sort()
}

const ofLines = (who: World['marc'], plans: readonly unknown[] | string) =>
  errorsOf((dryRun) => importLines(who, plans, { dryRun }))

async function ofSheet(rows: readonly (readonly CellIn[])[]): Promise<string[]> {
  const bytes = await workbookOf(rows)
  return errorsOf((dryRun) => importWorkbook(world.marc, bytes, { dryRun }))
}

describe('in NDJSON', () => {
  it('errors of form stand beside errors of content, also inside lists and notes', async () => {
    const { marc, ana, eli } = world
    const bad = action({
      ...{ title: '', actionType: 'BOSS', status: 'COMPLETED', dueDate: 'soon', finishedAt: '2999-01-01' },
      ...{ assignees: ['no address', 'nobody@x.test', eli.email], areas: ['', 'Nowhere'] },
      focusItems: [{ focusType: 'MOOD' }, { focusType: 'SCORE' }],
      notes: [{ text: '', author: ana.email }, { text: 'ok', author: 'nobody@x.test' }, 7],
      ...{ createdBy: ana.email, createdAt: '1960-01-01' },
    })
    expect(
      await ofLines(marc, [plan({ title: 'x'.repeat(201), createdBy: ana.email, actions: [bad] })]),
    ).toEqual([
      '1 actions.0.actionType: must be one of MANAGER, COMPANY',
      '1 actions.0.areas.0: must not be empty',
      '1 actions.0.areas.1: "Nowhere" is no area of the company',
      '1 actions.0.assignees.0: must be an e-mail address',
      '1 actions.0.assignees.1: "nobody@x.test" is nobody of the company',
      `1 actions.0.assignees.2: "${eli.email}" is no active company manager`,
      '1 actions.0.createdAt: must lie between 1970 and now',
      '1 actions.0.createdBy: may be somebody else than you only if you are an ADMIN',
      '1 actions.0.dueDate: must be an ISO 8601 date, or a date and time with an offset',
      '1 actions.0.finishedAt: must not lie ahead',
      '1 actions.0.focusItems.0.focusType: must be one of SCORE, HI, ENPS',
      '1 actions.0.focusItems.1.focusId: must be given for SCORE',
      '1 actions.0.notes.0.author: may be somebody else than you only if you are an ADMIN',
      '1 actions.0.notes.0.text: must not be empty',
      '1 actions.0.notes.1.author: may be somebody else than you only if you are an ADMIN',
      '1 actions.0.notes.2: must be an object',
      '1 actions.0.title: must not be empty',
      '1 createdBy: may be somebody else than you only if you are an ADMIN',
      '1 title: must have at most 200 characters',
    ])
  })

  it('what is said of a status does not follow from one that is not valid', async () => {
    const fields = { status: 'DONE', startedAt: '2020-02-01', finishedAt: '2020-01-01' }
    expect(await ofLines(world.marc, [plan({ actions: [action(fields)] })])).toEqual([
      '1 actions.0.finishedAt: must not lie before the start',
      '1 actions.0.status: must be one of NOT_STARTED, IN_PROGRESS, COMPLETED, CANCELLED, EXPIRED',
    ])
  })

  it.each([undefined, null, '', 7])(
    'a plan with the externalId %j is counted with its actions',
    async (id) => {
      const file = [
        plan({ externalId: id, actions: [action({ areas: ['Nowhere'] }), 7, action({ externalId: 'b' })] }),
      ]
      expect(await ofLines(world.marc, file)).toEqual([
        '1 actions.0.areas.0: "Nowhere" is no area of the company',
        '1 actions.1: must be an object',
        `1 externalId: ${id === 7 ? 'must be text' : 'must not be empty'}`,
      ])
      const { body } = await importLines(world.marc, file)
      expect(body).toMatchObject({ plans: 1, actions: 3, created: 0, unchanged: 0 })
    },
  )

  it('a name that is there twice hides nothing of the second', async () => {
    const file = [
      plan({ actions: [action()] }),
      plan({ title: '', visibility: 'OPEN', actions: [action({ status: 'DONE', areas: ['Nowhere'] }), 1] }),
    ]
    expect(await ofLines(world.marc, file)).toEqual([
      '2 actions.0.areas.0: "Nowhere" is no area of the company',
      '2 actions.0.externalId: is the id of another action in this file too',
      '2 actions.0.status: must be one of NOT_STARTED, IN_PROGRESS, COMPLETED, CANCELLED, EXPIRED',
      '2 actions.1: must be an object',
      '2 externalId: is the plan of another line too',
      '2 title: must not be empty',
      '2 visibility: must be one of PUBLIC, PRIVATE',
    ])
  })

  it('many errors of one action are not cut in silence', async () => {
    const many = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`zz${100 + index}`, 1]))
    const few = { ...plan({ externalId: 'q' }), xyz: 1 }
    const found = await ofLines(world.marc, [plan({ actions: [action({ ...many, title: '' })] }), few])
    expect(found).toHaveLength(51)
    expect(found).toContain('1 and 72 more errors from here on')
    expect(found).toContain('2 xyz: is not known')
    const huge = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`zz${index}`, 1]))
    expect(await ofLines(world.marc, [plan(huge)])).toContain('1 and at least 451 more errors from here on')
  })

  it('more than 1,000 errors of a file are counted to the last one', async () => {
    const lines = Array.from({ length: 40 }, (_, index) => ({
      ...plan({ externalId: `p${index}` }),
      ...Object.fromEntries(Array.from({ length: 60 }, (_x, member) => [`zz${member}`, 1])),
    }))
    const { body } = await importLines(world.marc, lines)
    // 50 are told of each line, the last of which stands for eleven.
    expect([body.errors.length, body.errors.at(-1)]).toEqual([
      1000,
      { line: 20, message: `and ${(40 * 60 - 19 * 60 - 49).toLocaleString('en')} more errors from here on` },
    ])
  })

  it('a byte order mark, CRLF, blank lines and a last line without an end are no errors', async () => {
    const text = `\ufeff${JSON.stringify(plan())}\r\n\r\n${JSON.stringify(plan({ externalId: 'q' }))}`
    expect((await importLines(world.marc, text)).body).toEqual({
      ...{ plans: 2, actions: 0, created: 2, unchanged: 0, errors: [] },
    })
  })

  it('of a member that stands twice the last counts', async () => {
    await importLines(world.marc, '{"externalId":"p","title":"One","title":"Two"}', { dryRun: false })
    const { body } = await call<Slice<PlanView>>(world.marc, 'GET', PLANS)
    expect(body.result.map(({ title }) => title)).toEqual(['Two'])
  })
})

describe('in a workbook', () => {
  const HEADERS = [
    'Plan ID',
    'Plan',
    'Plan visibility',
    'Action ID',
    'Action',
    'Type',
    'Status',
    'Assignee e-mails',
  ]
  const MORE = ['Areas', 'Focus', 'Due', 'Visibility']

  it('every cell is looked at, whatever is wrong with others of its row', async () => {
    const error = { error: '#N/A' } as unknown as CellIn
    expect(
      await ofSheet([
        [...HEADERS, ...MORE],
        [
          'p',
          'One',
          'Open',
          'a',
          '',
          'Boss',
          'Done',
          'no address; nobody@x.test',
          '"A; B"; C',
          'Mood; Score',
          'soon',
        ],
        [error, 'Two', null, 'b', 'B', error, null, 'nobody@x.test', 'Nowhere'],
        ['p', 'One', null, 'a', 'Twice', null, null, null, 'Nowhere'],
        [null, null, null, null, 'Homeless', null, 'Started'],
        ['p', 'One', null, error, 'C', null, null, null, null, null, null, 'Nobody'],
      ]),
    ).toEqual(
      [
        'C2 must be one of Public, Private',
        'E2 must not be empty',
        'F2 must be one of Manager, Company',
        'G2 must be one of Not started, In progress, Completed, Cancelled, Expired',
        'H2 "no address" must be an e-mail address',
        'H2 "nobody@x.test" is nobody of the company',
        'I2 "A; B" is no area of the company',
        'I2 "C" is no area of the company',
        'J2 "Mood" must be one of Score, Happiness Index (HI), Employee Net Promoter Score (eNPS)',
        'J2 "Score" needs an id: Score: <id>',
        'K2 must be a date, or a text such as 2027-01-29 or 2027-01-29 14:30',
        'A3 holds an error of Excel',
        'F3 holds an error of Excel',
        'H3 "nobody@x.test" is nobody of the company',
        'I3 "Nowhere" is no area of the company',
        'D4 is the id of another action in this file too',
        'I4 "Nowhere" is no area of the company',
        'B5 must not be empty',
        'G5 must be one of Not started, In progress, Completed, Cancelled, Expired',
        'D6 holds an error of Excel',
        'L6 must be one of Public, Private',
      ].sort(),
    )
  })

  it('so are the cells of a plan that is not known by its name, and it counts', async () => {
    const header = ['Plan', 'Action', 'Plan visibility', 'Plan description', 'Plan ID', 'Action ID']
    const long = 'x'.repeat(300)
    const tooLong = 'must have at most 200 characters'
    const logical = 'is a logical value of Excel (TRUE or FALSE): format the cell as text and type it anew'
    const wrong = 'must be one of Public, Private'
    const rows: CellIn[][] = [
      header,
      [null, null, 'zz', false, long, long],
      [true, 'B', 'zz'],
      [long, 'C', 'zz', null, long],
      ['One', 'D', null, null, 'one'],
      ['one', 'E', 'zz', null, 'another'],
      ['ONE', 'F', 'zz'],
      [null, 'G'],
      [null, null, 'zz'],
    ]
    expect(await ofSheet(rows)).toEqual(
      [
        ...['A2 must not be empty', 'B2 must not be empty', `C2 ${wrong}`, `D2 ${logical}`],
        ...[`E2 ${tooLong}`, `F2 ${tooLong}`, `A3 ${logical}`, `C3 ${wrong}`],
        ...[`A4 ${tooLong}`, `C4 ${wrong}`, `E4 ${tooLong}`, `C6 ${wrong}`],
        ...['A7 is the title of several plans in this sheet: give the id of the plan', `C7 ${wrong}`],
        ...['A8 must not be empty', 'A9 must not be empty', `C9 ${wrong}`],
      ].sort(),
    )
    const { body } = await importWorkbook(world.marc, await workbookOf(rows))
    expect(body).toMatchObject({ plans: 6, actions: 7 })
  })

  it('words are those of its own language', async () => {
    const found = await ofSheet([
      ['Plan', 'Acción', 'Estado', 'Tipo', 'Fecha límite'],
      ['P', 'A', 'Hecha', 'Jefe', null],
      ['P', 'B', 'Vencida', 'Empresa', null],
    ])
    expect(found).toEqual([
      'C2 must be one of Sin iniciar, En curso, Completada, Cancelada, Vencida',
      'C3 is Vencida only once a due date has passed',
      'D2 must be one of Gestor, Empresa',
      'D3 may be Empresa only if you are an ADMIN',
    ])
  })

  it('two rows without a title are not the same action', async () => {
    expect(
      await ofSheet([
        ['Plan', 'Action', 'Type'],
        ['P', null, 'Manager'],
        ['P', null, 'Manager'],
      ]),
    ).toEqual(['B2 must not be empty', 'B3 must not be empty'])
  })

  it.each(['Plan ID', 'Action ID', 'Plan', 'Action', 'Description'])(
    'a logical value as %s is an error, not another text',
    async (header) => {
      const rows = [
        ['Plan ID', 'Plan', 'Action ID', 'Action', 'Description'],
        ['p', 'Plan', 'a', 'Action', 'Text'],
      ] as CellIn[][]
      const place = rows[0]?.indexOf(header) ?? 0
      if (rows[1]) rows[1][place] = true
      expect(await ofSheet(rows)).toEqual([
        `${'ABCDE'[place] ?? ''}2 is a logical value of Excel (TRUE or FALSE): format the cell as text and type it anew`,
      ])
      if (rows[1]) rows[1][place] = 'TRUE'
      expect((await importWorkbook(world.marc, await workbookOf(rows))).body.errors).toEqual([])
    },
  )

  it('an id of more digits than Excel keeps is an error', async () => {
    const row = (id: CellIn) => [
      ['Plan', 'Action ID', 'Action'],
      ['P', id, 'A'],
    ]
    expect(await ofSheet(row(1234567890123456))).toEqual([
      'B2 is a number that Excel has rounded: format the cell as text and type it anew',
    ])
    expect((await importWorkbook(world.marc, await workbookOf(row(123456789012345)))).body.errors).toEqual([])
  })

  it('headers may have other blanks and letters', async () => {
    const bytes = await workbookOf([
      [' PLAN ', 'plan\n visibility', 'action', 'Assignee\u00a0E-MAILS'],
      ['P', 'Public', 'A'],
    ])
    expect((await importWorkbook(world.marc, bytes)).body).toMatchObject({ created: 2, errors: [] })
  })
})

describe('the description of a plan', () => {
  const HEADER = ['Plan', 'Action', 'Plan description']

  it('is that of the first row that has one', async () => {
    const rows = [
      HEADER,
      ['P', 'A'],
      ['P', 'B', 'Why\nand how'],
      ['P', 'C', 'Why\nand how'],
      ['Q', 'D', null],
    ]
    const reply = await importWorkbook(world.marc, await workbookOf(rows), { dryRun: false })
    expect(reply.body).toMatchObject({ created: 6, errors: [] })
    const { body } = await call<Slice<PlanView>>(world.marc, 'GET', PLANS)
    expect(body.result.map(({ title, description }) => [title, description])).toEqual([
      ['Q', ''],
      ['P', 'Why\nand how'],
    ])
  })

  it('is the same in all rows that have one, and so are title and visibility', async () => {
    const rows = [
      ['Plan ID', 'Plan', 'Plan visibility', 'Plan description', 'Action'],
      ['p', null, null, null, 'A'],
      ['p', 'One', 'Public', 'Why', 'B'],
      ['p', 'ONE', 'Público', 'Why', 'C'],
      ['p', 'Two', 'PRIVATE', 'Why not', 'D'],
    ]
    expect(await ofSheet(rows)).toEqual([
      'B5 is another title of the plan than in row 3',
      'C5 is another visibility of the plan than in row 3',
      'D5 is another description of the plan than in row 3',
    ])
  })

  it('is too long at its own cell', async () => {
    expect(await ofSheet([HEADER, ['P', 'A'], ['P', 'B', 'x'.repeat(5001)]])).toEqual([
      'C3 must have at most 5000 characters',
    ])
  })
})

describe('the request', () => {
  it.each([
    ['utf-16', 415],
    ['"iso-8859-1"', 415],
    ['utf-8', 200],
    ['"UTF-8"', 200],
  ])('with the charset %s is answered %i', async (charset, status) => {
    const headers = { 'Content-Type': `application/x-ndjson; charset=${charset}` }
    expect((await importLines(world.marc, [plan()], { headers })).status).toBe(status)
    const json = { 'Content-Type': `application/json;charset=${charset}` }
    expect((await call(world.marc, 'POST', PLANS, { body: { title: 'T' }, headers: json })).status).toBe(
      status,
    )
  })

  it('as a dry run does not use up its Idempotency-Key, and is not kept', async () => {
    const headers = { 'Idempotency-Key': 'k' }
    const dry = await importLines(world.marc, [plan()], { headers })
    expect([dry.status, dry.body.created]).toEqual([200, 1])
    const real = await importLines(world.marc, [plan()], { dryRun: false, headers })
    expect([real.status, real.body.created, real.headers.get('Idempotent-Replayed')]).toEqual([200, 1, null])
    const later = await importLines(world.marc, [plan()], { headers })
    expect([later.body.created, later.headers.get('Idempotent-Replayed')]).toEqual([0, null])
    const kept = await home.prepare('SELECT count(*) AS kept FROM idempotency_records').first()
    expect(kept).toEqual({ kept: 1 })
    const again = await importLines(world.marc, [plan()], { dryRun: false, headers })
    expect([again.body, again.headers.get('Idempotent-Replayed')]).toEqual([real.body, 'true'])
  })

  it('with too many actions is told how to get on', async () => {
    const actions = Array.from({ length: 2001 }, (_, index) => action({ externalId: `a${index}` }))
    const reply = await importLines(world.marc, [plan({ actions })])
    expect([reply.status, codeOf(reply)]).toEqual([400, 'FILE_REFUSED'])
    expect((reply.body as unknown as { detail: string }).detail).toMatch(
      /2,000 actions.*several files.*operator/,
    )
    const plans = Array.from({ length: 2001 }, (_, index) => plan({ externalId: `p${index}` }))
    const sheet = await workbookOf([['Plan', 'Action'], ...plans.map(({ externalId }) => [externalId])])
    for (const other of [await importLines(world.marc, plans), await importWorkbook(world.marc, sheet)])
      expect((other.body as unknown as { detail: string }).detail).toMatch(
        /^There can be at most 2,000 plans .*several files.*operator/,
      )
  })
})
