/**
 * What the demo data is known by: ids and links that the examples of the reference name, so that each request succeeds
 * as it stands where that data is. scripts/demo-data puts it there; elsewhere these ids refer to nothing.
 */

/** `spare…` is there to be deleted: no other example needs it. */
export const DEMO = {
  company: '6a1d4a10a4d3ac0b92f7e52f',
  /** An ADMIN, who is signed in. */
  ana: '6a1d4a100a1ea8a0b29cd71a',
  marc: '6a1d4a10d778dfe5a468e4c6',
  noa: '6a1d4a102b381af949b00d67',
  /** An EMPLOYEE. */
  eli: '6a1d4a10d5237ea6fced68d4',
  /** A MANAGER who is not active any more, has nothing to hand over, and is there to be erased. */
  former: '6a1d4a10e9c07f4b81a25d63',
  /** The top of the tree; `area` lies in it. */
  wholeCompany: '6a1d4a1074e0c9a5d8b1362f',
  area: '6a1d4a10b30cd06962c3dce3',
  spareArea: '6a1d4a1008bac097fa1db395',
  plan: '6a86c2108b1e17e9f44cb664',
  sparePlan: '6a9fce900f1a34b1c33a9c45',
  /** In `plan`, like the next: created by ana, assigned to marc. */
  action: '6a896510ebe7a5e72ebbf88f',
  spareAction: '6a93f110b78bc9058779acd7',
  /** On `action`, like the next. */
  note: '6ab39510c68860ee549bfc40',
  spareNote: '6ab4e690b5321aa4539e6e5e',
  /** Of ana's, like the next; nobody knows the keys themselves. */
  accessKey: '6ab8d910f3a06b1c5e7d9482',
  spareAccessKey: '6ab8e72019c4d85a3b60fe17',
  /** Of `plan`, by ana, sent. */
  export: '6aba2c9092c8ac088acf13a6',
  /** Of ana's, like the next; switched off, so that nothing is sent where the demo data is. */
  webhook: '6aba2b505d0c1b7f93a4e628',
  spareWebhook: '6aba2b5a41f6c87d02be9315',
  /** Of `webhook`, about `export`. */
  delivery: '6aba2c91e7d95a30b8c4f162',
} as const

/** A sign-in code of ana's, derived from its id with the secret of local workers. */
export const DEMO_CODE = { id: '6abb7e109c3d52f17821c77a', email: 'ana@acme.test', code: '72075186' } as const

/** The token of marc's calendar. */
export const DEMO_CALENDAR = { token: 'bWFyY3MtY2FsZW5kYXItb2YtdGhlLWRlbW8tZGF0YTA' } as const

/** A link to the file of the demo export, signed with the key of local workers. */
export const DEMO_LINK = {
  file: 'a-better-first-ninety-days.xlsx',
  expires: '4102444800',
  kid: 'dev',
  signature: '3659a02c38a5e4b5228dbbf371ef770721c7a7be5f6ee5f9b87a383294d534b7',
} as const

/** The address that switches ana's reminders off, signed with the secret of local workers. */
export const DEMO_SWITCH_OFF = {
  signature: '8ac7a9f74ecbe6181eb5c31ddcc0b685d3c75be3f7ac5f30a3997610d3b22025',
} as const
