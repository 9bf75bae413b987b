import type { Visibility } from '../../src/db/enums.ts'

/**
 * Who may do what with an action, row by row. The plan is PUBLIC, PRIVATE or LEGACY (nobody created it), the
 * caller's own or another's; the action PUBLIC or PRIVATE; the caller its creator (not assigned), one of its assignees
 * (not its creator) or neither.
 *
 * - read: one, in lists, in the plan, and its notes; "write" a note, and delete it again
 * - patch, delete: its creator; the plan's creator or an ADMIN only if they may read it
 * - own: one's own next step (409 for who reads it and is not assigned)
 * - other, reopen: another's step, and leaving a terminal state (one's own, if assigned): its creator, or an ADMIN
 *   who may read it
 * - erase: another's note, an ADMIN who may read the action
 *
 * `-` is 403. An EMPLOYEE gets 403 and somebody of another company 404 whatever they are to it.
 */
const TABLE = `
  plan    whose  action   caller is role     | read   patch  delete own    other  reopen write  unwrite erase

  PUBLIC  own    PUBLIC   creator   MANAGER  | yes    yes    yes    409    yes    yes    yes    yes    -
  PUBLIC  own    PUBLIC   creator   ADMIN    | yes    yes    yes    409    yes    yes    yes    yes    yes
  PUBLIC  own    PUBLIC   assignee  MANAGER  | yes    yes    yes    yes    -      -      yes    yes    -
  PUBLIC  own    PUBLIC   assignee  ADMIN    | yes    yes    yes    yes    yes    yes    yes    yes    yes
  PUBLIC  own    PUBLIC   stranger  MANAGER  | yes    yes    yes    409    -      -      yes    yes    -
  PUBLIC  own    PUBLIC   stranger  ADMIN    | yes    yes    yes    409    yes    yes    yes    yes    yes
  PUBLIC  own    PRIVATE  creator   MANAGER  | yes    yes    yes    409    yes    yes    yes    yes    -
  PUBLIC  own    PRIVATE  creator   ADMIN    | yes    yes    yes    409    yes    yes    yes    yes    yes
  PUBLIC  own    PRIVATE  assignee  MANAGER  | yes    yes    yes    yes    -      -      yes    yes    -
  PUBLIC  own    PRIVATE  assignee  ADMIN    | yes    yes    yes    yes    yes    yes    yes    yes    yes
  PUBLIC  own    PRIVATE  stranger  MANAGER  | -      -      -      -      -      -      -      -      -
  PUBLIC  own    PRIVATE  stranger  ADMIN    | -      -      -      -      -      -      -      -      -

  PUBLIC  other  PUBLIC   creator   MANAGER  | yes    yes    yes    409    yes    yes    yes    yes    -
  PUBLIC  other  PUBLIC   creator   ADMIN    | yes    yes    yes    409    yes    yes    yes    yes    yes
  PUBLIC  other  PUBLIC   assignee  MANAGER  | yes    -      -      yes    -      -      yes    yes    -
  PUBLIC  other  PUBLIC   assignee  ADMIN    | yes    yes    yes    yes    yes    yes    yes    yes    yes
  PUBLIC  other  PUBLIC   stranger  MANAGER  | yes    -      -      409    -      -      yes    yes    -
  PUBLIC  other  PUBLIC   stranger  ADMIN    | yes    yes    yes    409    yes    yes    yes    yes    yes
  PUBLIC  other  PRIVATE  creator   MANAGER  | yes    yes    yes    409    yes    yes    yes    yes    -
  PUBLIC  other  PRIVATE  creator   ADMIN    | yes    yes    yes    409    yes    yes    yes    yes    yes
  PUBLIC  other  PRIVATE  assignee  MANAGER  | yes    -      -      yes    -      -      yes    yes    -
  PUBLIC  other  PRIVATE  assignee  ADMIN    | yes    yes    yes    yes    yes    yes    yes    yes    yes
  PUBLIC  other  PRIVATE  stranger  MANAGER  | -      -      -      -      -      -      -      -      -
  PUBLIC  other  PRIVATE  stranger  ADMIN    | -      -      -      -      -      -      -      -      -

  PRIVATE own    PUBLIC   creator   MANAGER  | yes    yes    yes    409    yes    yes    yes    yes    -
  PRIVATE own    PUBLIC   creator   ADMIN    | yes    yes    yes    409    yes    yes    yes    yes    yes
  PRIVATE own    PUBLIC   assignee  MANAGER  | yes    yes    yes    yes    -      -      yes    yes    -
  PRIVATE own    PUBLIC   assignee  ADMIN    | yes    yes    yes    yes    yes    yes    yes    yes    yes
  PRIVATE own    PUBLIC   stranger  MANAGER  | yes    yes    yes    409    -      -      yes    yes    -
  PRIVATE own    PUBLIC   stranger  ADMIN    | yes    yes    yes    409    yes    yes    yes    yes    yes
  PRIVATE own    PRIVATE  creator   MANAGER  | yes    yes    yes    409    yes    yes    yes    yes    -
  PRIVATE own    PRIVATE  creator   ADMIN    | yes    yes    yes    409    yes    yes    yes    yes    yes
  PRIVATE own    PRIVATE  assignee  MANAGER  | yes    yes    yes    yes    -      -      yes    yes    -
  PRIVATE own    PRIVATE  assignee  ADMIN    | yes    yes    yes    yes    yes    yes    yes    yes    yes
  PRIVATE own    PRIVATE  stranger  MANAGER  | -      -      -      -      -      -      -      -      -
  PRIVATE own    PRIVATE  stranger  ADMIN    | -      -      -      -      -      -      -      -      -

  PRIVATE other  PUBLIC   creator   MANAGER  | yes    yes    yes    409    yes    yes    yes    yes    -
  PRIVATE other  PUBLIC   creator   ADMIN    | yes    yes    yes    409    yes    yes    yes    yes    yes
  PRIVATE other  PUBLIC   assignee  MANAGER  | yes    -      -      yes    -      -      yes    yes    -
  PRIVATE other  PUBLIC   assignee  ADMIN    | yes    yes    yes    yes    yes    yes    yes    yes    yes
  PRIVATE other  PUBLIC   stranger  MANAGER  | -      -      -      -      -      -      -      -      -
  PRIVATE other  PUBLIC   stranger  ADMIN    | -      -      -      -      -      -      -      -      -
  PRIVATE other  PRIVATE  creator   MANAGER  | yes    yes    yes    409    yes    yes    yes    yes    -
  PRIVATE other  PRIVATE  creator   ADMIN    | yes    yes    yes    409    yes    yes    yes    yes    yes
  PRIVATE other  PRIVATE  assignee  MANAGER  | yes    -      -      yes    -      -      yes    yes    -
  PRIVATE other  PRIVATE  assignee  ADMIN    | yes    yes    yes    yes    yes    yes    yes    yes    yes
  PRIVATE other  PRIVATE  stranger  MANAGER  | -      -      -      -      -      -      -      -      -
  PRIVATE other  PRIVATE  stranger  ADMIN    | -      -      -      -      -      -      -      -      -

  LEGACY  -      PUBLIC   creator   MANAGER  | yes    yes    yes    409    yes    yes    yes    yes    -
  LEGACY  -      PUBLIC   creator   ADMIN    | yes    yes    yes    409    yes    yes    yes    yes    yes
  LEGACY  -      PUBLIC   assignee  MANAGER  | yes    -      -      yes    -      -      yes    yes    -
  LEGACY  -      PUBLIC   assignee  ADMIN    | yes    yes    yes    yes    yes    yes    yes    yes    yes
  LEGACY  -      PUBLIC   stranger  MANAGER  | yes    -      -      409    -      -      yes    yes    -
  LEGACY  -      PUBLIC   stranger  ADMIN    | yes    yes    yes    409    yes    yes    yes    yes    yes
  LEGACY  -      PRIVATE  creator   MANAGER  | yes    yes    yes    409    yes    yes    yes    yes    -
  LEGACY  -      PRIVATE  creator   ADMIN    | yes    yes    yes    409    yes    yes    yes    yes    yes
  LEGACY  -      PRIVATE  assignee  MANAGER  | yes    -      -      yes    -      -      yes    yes    -
  LEGACY  -      PRIVATE  assignee  ADMIN    | yes    yes    yes    yes    yes    yes    yes    yes    yes
  LEGACY  -      PRIVATE  stranger  MANAGER  | -      -      -      -      -      -      -      -      -
  LEGACY  -      PRIVATE  stranger  ADMIN    | -      -      -      -      -      -      -      -      -
`

type Plan = 'PUBLIC' | 'PRIVATE' | 'LEGACY'
export const RELATIONS = ['creator', 'assignee', 'stranger'] as const
export type Relation = (typeof RELATIONS)[number]
export const OPERATIONS = [
  'read',
  'patch',
  'delete',
  'own',
  'other',
  'reopen',
  'write',
  'unwrite',
  'erase',
] as const
export type Answers = Record<(typeof OPERATIONS)[number], number>

export interface Row {
  plan: Plan
  planIsOwn: boolean
  visibility: Visibility
  relation: Relation
  role: string
  expected: Answers
}

const STATUS: Record<string, number> = { yes: 200, '-': 403, '409': 409 }

export const rows = TABLE.split('\n')
  .slice(2)
  .filter((line) => line.includes('|'))
  .map((line): Row => {
    const [left = '', right = ''] = line.split('|')
    const [plan, whose, visibility, relation, role = ''] = left.trim().split(/ +/)
    const cells = right.trim().split(/ +/)
    const statuses = OPERATIONS.map((operation, index) => [operation, STATUS[cells[index] ?? ''] ?? NaN])
    return {
      plan: plan as Plan,
      planIsOwn: whose === 'own',
      visibility: visibility as Visibility,
      relation: relation as Relation,
      role,
      expected: Object.fromEntries(statuses) as Answers,
    }
  })
