/** Random events, of which histories are made. */
import fc from 'fast-check'

/** An event of that kind with random members, for `fc.oneof`: `weight` times as likely as one of weight 1. */
export function event<Kind extends string, Members extends object>(
  weight: number,
  kind: Kind,
  members: { [Name in keyof Members]: fc.Arbitrary<Members[Name]> },
) {
  return { weight, arbitrary: fc.record(members).map((values) => ({ kind, ...values })) }
}

export type EventOf<A> = A extends fc.Arbitrary<infer Event> ? Event : never
