/** What changes if an assumption is wrong. */
import { BASE, type Scenario } from './scenario.ts'

const NEVER = { fill: Infinity, busy: Infinity }

/** As many as the third year needs, bound before anybody comes: an empty one costs nothing. */
export const AHEAD: Partial<Scenario> = { databases: 60 }

export const VARIATIONS: readonly (readonly [string, Partial<Scenario>])[] = [
  ['as assumed', {}],
  ['no company is ever moved', { rules: { ...BASE.rules, most: NEVER } }],
  [
    'a dozen databases at first, and added by the dozen',
    { databases: 12, rules: { ...BASE.rules, step: 12 } },
  ],
  ['60 databases from the first day', AHEAD],
  ['the same, no company is ever moved', { ...AHEAD, rules: { ...BASE.rules, most: NEVER } }],
  [
    'databases are added at 30 % full, 20 % busy',
    { rules: { ...BASE.rules, room: { fill: 0.3, busy: 0.2 } } },
  ],
  ['D1 takes 3 times as long', { slowness: 3 }],
  ['a tenth of the requests', { requestsPerSecond: 1_000 }],
  ['all companies in one time zone', { zones: [{ name: 'Europe', offset: 1, share: 1 }] }],
  ['sizes more unequal: sigma 2', { distribution: { kind: 'log-normal', sigma: 2 } }],
  ['sizes by Zipf, exponent 1', { distribution: { kind: 'zipf', exponent: 1 } }],
  ['10 changes an action and month', { changesPerActionAndMonth: 10 }],
  ['33 changes, a tenth of all requests', { changesPerActionAndMonth: 33 }],
  ['the same, history kept for 60 days', { changesPerActionAndMonth: 33, retentionDays: 60 }],
]
