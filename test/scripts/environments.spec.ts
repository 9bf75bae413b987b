/** [env.staging] of wrangler.toml beside its top level: the same worker, with resources of its own. */
import { describe, expect, it } from 'vitest'
import { unstable_readConfig } from 'wrangler'

interface Configuration extends Record<string, unknown> {
  name: string
  topLevelName: string
  targetEnvironment?: string
  routes: unknown
  vars: Record<string, string>
  d1_databases: { binding: string; database_name: string; database_id: string }[]
  kv_namespaces: { binding: string; id: string }[]
  r2_buckets: { binding: string; bucket_name: string }[]
  queues: {
    producers: { binding: string; queue: string }[]
    consumers: { queue: string; dead_letter_queue?: string }[]
  }
  ratelimits: { name: string; namespace_id: string }[]
}

function read(env: string): Configuration {
  // wrangler's own type of a configuration is not published with it.
  const configuration: unknown = unstable_readConfig({ config: 'wrangler.toml', env }, { hideWarnings: true })
  return configuration as Configuration
}

const production = read('')
const staging = read('staging')

/** The names by which an environment's resources are told from those of another. */
function namesIn({ name, d1_databases, kv_namespaces, r2_buckets, queues, ratelimits }: Configuration) {
  return {
    worker: [name],
    databases: d1_databases.flatMap(({ database_name, database_id }) => [database_name, database_id]),
    namespaces: kv_namespaces.map(({ id }) => id),
    buckets: r2_buckets.map(({ bucket_name }) => bucket_name),
    queues: queues.consumers.map(({ queue }) => queue),
    limits: ratelimits.map(({ namespace_id }) => namespace_id),
  }
}

/** The configuration with its names replaced by their places, and without what says where and as whom it runs. */
function shapeOf(configuration: Configuration): unknown {
  const { PUBLIC_URL: _url, MAIL_FROM: _from, ...vars } = configuration.vars
  const {
    name: _name,
    topLevelName: _top,
    targetEnvironment: _target,
    routes: _routes,
    ...rest
  } = configuration
  const places = new Map(
    Object.entries(namesIn(configuration)).flatMap(([kind, names]) =>
      names.map((name, index) => [name, `${kind} ${index}`] as const),
    ),
  )
  return JSON.parse(JSON.stringify({ ...rest, vars }), (_key, value: unknown) =>
    typeof value === 'string' ? (places.get(value) ?? value) : value,
  )
}

describe('staging', () => {
  it('has everything that production has, set in the same way', () => {
    expect(shapeOf(staging)).toEqual(shapeOf(production))
  })

  it('has the same variables', () => {
    expect(Object.keys(staging.vars)).toEqual(Object.keys(production.vars))
  })

  it('shares no resource with production', () => {
    const theirs = Object.entries(namesIn(production)).flatMap(([kind, names]) =>
      names.map((name) => [kind, name]),
    )
    const own = Object.entries(namesIn(staging)).flatMap(([kind, names]) => names.map((name) => [kind, name]))
    expect(own).toHaveLength(theirs.length)
    for (const name of own) expect(theirs).not.toContainEqual(name)
  })

  it('does not take the routes of production', () => {
    expect(staging.routes).toEqual([])
  })
})

describe.each([
  ['production', production],
  ['staging', staging],
])('%s', (_name, { vars, queues }) => {
  it('tells the worker the names of its queues', () => {
    const { EXPORTS_QUEUE, SIGN_IN_MAIL_QUEUE, WEBHOOKS_QUEUE, REMINDERS_QUEUE, SWEEPS_QUEUE } = vars
    expect(queues.consumers.map(({ queue }) => queue)).toEqual([
      EXPORTS_QUEUE,
      SIGN_IN_MAIL_QUEUE,
      WEBHOOKS_QUEUE,
      REMINDERS_QUEUE,
      SWEEPS_QUEUE,
      vars.DEAD_LETTER_QUEUE,
    ])
    expect(queues.producers).toEqual([
      { binding: 'EXPORTS', queue: EXPORTS_QUEUE },
      { binding: 'SIGN_IN_MAIL', queue: SIGN_IN_MAIL_QUEUE },
      { binding: 'WEBHOOKS', queue: WEBHOOKS_QUEUE },
      { binding: 'REMINDERS', queue: REMINDERS_QUEUE },
      { binding: 'SWEEPS', queue: SWEEPS_QUEUE },
    ])
  })

  it('buries in its own dead-letter queue all but the sweeps, of which the next minute brings others', () => {
    const graves = queues.consumers.flatMap(({ dead_letter_queue }) => dead_letter_queue ?? [])
    expect(graves).toEqual(Array(4).fill(vars.DEAD_LETTER_QUEUE))
  })
})
