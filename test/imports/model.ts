/**
 * Random files of plans, with random faults in them, and beside each what a naive reading expects: the errors by place and
 * member, or else what is stored. Nothing here is shared with the import but the names of columns.
 */
import fc from 'fast-check'

/** A value of a member: what the file says, and what is wrong with it or what is stored. */
export interface Said {
  /** What NDJSON says; undefined leaves the member out. */
  json: unknown
  /** What a cell says: a text, or nothing. */
  cell: string | null
  /** Places inside the member that are wrong, '' for the member itself. */
  wrong: readonly string[]
  stored: unknown
}

const good = (json: unknown, stored: unknown = json, cell: string | null = json as string): Said => ({
  ...{ json, cell, wrong: [], stored },
})
const bad = (json: unknown, wrong: readonly string[] = [''], cell: string | null = json as string): Said => ({
  ...{ json, cell, wrong, stored: null },
})
const absent = (stored: unknown): Said => ({ json: undefined, cell: null, wrong: [], stored })

export interface Known {
  people: readonly { id: string; email: string }[]
  inactive: string
  areas: readonly { id: string; path: string }[]
}

/** The values that a member may have. Without faults, none of the bad ones. */
function either(faults: boolean, goods: readonly Said[], bads: readonly Said[]): fc.Arbitrary<Said> {
  const fine = fc.constantFrom(...goods)
  return faults
    ? fc.oneof({ weight: 8, arbitrary: fine }, { weight: 1, arbitrary: fc.constantFrom(...bads) })
    : fine
}

/** A list whose items are good or bad each by itself. */
function listed(item: fc.Arbitrary<Said>): fc.Arbitrary<Said> {
  return fc.array(item, { maxLength: 3 }).map((items): Said => {
    const cells = items.map(({ cell }) => cell ?? '')
    const inQuotes = cells.map((cell) => (cell.includes(';') ? `"${cell.replaceAll('"', '""')}"` : cell))
    return {
      json: items.length === 0 ? undefined : items.map(({ json }) => json),
      cell: items.length === 0 ? null : inQuotes.join('; '),
      wrong: items.flatMap((each, index) => each.wrong.map((path) => `.${index}${path}`)),
      stored: items.map((each) => each.stored),
    }
  })
}

export type Members = Record<string, Said>

const titles = [good('Title'), good('=1+1'), good('TRUE; "x"')]
const badTitles = [bad(''), bad('x'.repeat(201))]
const visibilities = [good('PUBLIC'), good('Privado', 'PRIVATE'), good('public', 'PUBLIC')]
const descriptions = [absent(''), good('Why;\nand how')]
const badDescriptions = [bad('x'.repeat(5001))]

function planMembers(faults: boolean): fc.Arbitrary<Members> {
  return fc.record({
    title: either(faults, titles, badTitles),
    visibility: either(faults, [absent('PRIVATE'), ...visibilities], [bad('OPEN')]),
    description: either(faults, descriptions, badDescriptions),
  })
}

function actionMembers(faults: boolean, { people, inactive, areas }: Known): fc.Arbitrary<Members> {
  const focusItems = [
    good({ focusType: 'SCORE', focusId: 'a; "b": c' }, 'SCORE a; "b": c', 'Score: a; "b": c'),
    good({ focusType: 'HI' }, 'HI null', 'HI'),
    good({ focusType: 'eNPS' }, 'ENPS null', 'enps'),
  ]
  const badFocusItems = [
    bad({ focusType: 'MOOD' }, ['.focusType'], 'MOOD'),
    bad({ focusType: 'SCORE' }, ['.focusId'], 'Score'),
  ]
  const assignee = either(
    faults,
    people.map(({ id, email }) => good(email, id)),
    ['no address', 'nobody@x.test', inactive].map((email) => bad(email)),
  )
  const area = either(
    faults,
    areas.map(({ id, path }) => good(path, id)),
    [bad('Nowhere'), bad('Up; down')],
  )
  return fc.record({
    title: either(faults, titles, badTitles),
    description: either(faults, descriptions, badDescriptions),
    visibility: either(faults, [absent(null), ...visibilities], [bad('OPEN')]),
    actionType: either(faults, [absent('MANAGER'), good('Empresa', 'COMPANY')], [bad('BOSS')]),
    origin: either(faults, [absent('MANUAL'), good('AI')], [bad('OTHER')]),
    status: either(faults, [absent('NOT_STARTED'), good('Completada', 'COMPLETED')], [bad('DONE')]),
    dueDate: either(
      faults,
      [absent(null), good('2031-01-02T03:04:05Z', Date.UTC(2031, 0, 2, 3, 4, 5))],
      [bad('soon'), bad('2031-13-01')],
    ),
    createdAt: either(faults, [absent(undefined)], [bad('2999-01-01'), bad('then')]),
    assignees: listed(assignee),
    areas: listed(area),
    focusItems: listed(either(faults, focusItems, badFocusItems)),
  })
}

export interface Plan {
  id: string
  members: Members
  actions: { id: string; members: Members }[]
}

/**
 * Plans with their actions; with faults, some ids stand there twice.
 * @param prefix of all ids
 */
export function plansIn(prefix: string, faults: boolean, known: Known): fc.Arbitrary<Plan[]> {
  const action = actionMembers(faults, known)
  const plan = fc.record({ members: planMembers(faults), actions: fc.array(action, { maxLength: 3 }) })
  const doubles = fc.array(fc.nat(20), { maxLength: faults ? 1 : 0 })
  return fc.tuple(fc.array(plan, { minLength: 1, maxLength: 4 }), doubles).map(([plans, doubled]) => {
    let count = 0
    return plans.map(({ members, actions }, index) => ({
      ...{ id: `${prefix}/p${index}`, members },
      actions: actions.map((each) => {
        const number = doubled.includes(count) ? 0 : count
        count += 1
        return { id: `${prefix}/a${number}`, members: each }
      }),
    }))
  })
}

/** The paths of members that are wrong. */
export function wrongIn(members: Members): string[] {
  return Object.entries(members).flatMap(([name, { wrong }]) => wrong.map((path) => `${name}${path}`))
}
