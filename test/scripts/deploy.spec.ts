import { describe, expect, it } from 'vitest'
import { parseCommandLine } from '../../scripts/deploy/options.ts'
import { unfinished } from '../../scripts/deploy/placeholders.ts'
import { carryOut, stepsOf } from '../../scripts/deploy/steps.ts'
import { npmRun } from './support.ts'

const parse = (args: string[], env = {}) => parseCommandLine(args, env, ['staging'])

describe('the command line', () => {
  it.each([
    [[], {}, { environment: '', dryRun: false }],
    [['--env', 'production'], {}, { environment: '', dryRun: false }],
    [['--env', 'staging'], {}, { environment: 'staging', dryRun: false }],
    [['--env=staging', '--dry-run'], {}, { environment: 'staging', dryRun: true }],
    [[], { CLOUDFLARE_ENV: 'staging' }, { environment: 'staging', dryRun: false }],
    [['--env', 'production'], { CLOUDFLARE_ENV: 'staging' }, { environment: '', dryRun: false }],
    [['--help'], {}, null],
  ])('%j with %j means %j', (args, env, wish) => {
    expect(parse(args, env)).toEqual(wish)
  })

  it.each([
    [['--env', 'stagging'], '--env must be production or staging, not "stagging"'],
    [['--env'], '--env needs a name'],
    [['--dryrun'], '--dryrun is not an option'],
    [['staging'], '"staging" is not expected'],
  ])('%j is refused', (args, complaint) => {
    expect(parse(args)).toEqual([complaint])
  })
})

const MIGRATIONS = ['DB', 'DB_2'].map((name) => `d1 migrations apply ${name} --remote --env=`)

describe('the steps', () => {
  const production = stepsOf({ environment: '', dryRun: false }, ['DB', 'DB_2'])

  /** Runs them while the n-th fails (0: none); gives the exit code, the commands run and the last line said. */
  async function runWith(failing: number) {
    const commands: string[] = []
    const said: string[] = []
    const code = await carryOut(
      production,
      (command) => Promise.resolve(commands.push(command.join(' ')) === failing ? 7 : 0),
      (line) => said.push(line),
    )
    return { code, commands, last: said.at(-1) }
  }

  it('migrate the environment’s own databases, then deploy its worker', () => {
    expect(
      stepsOf({ environment: 'staging', dryRun: false }, ['DB']).map(({ command }) => command.join(' ')),
    ).toEqual(['d1 migrations apply DB --remote --env=staging', 'deploy --env=staging'])
  })

  it('say that all is done', async () => {
    expect(await runWith(0)).toEqual({
      code: 0,
      commands: [...MIGRATIONS, 'deploy --env='],
      last: 'Done: migrations of DB, migrations of DB_2, worker.',
    })
  })

  it('migrate the other databases if one fails, say which, and deploy no worker', async () => {
    expect(await runWith(1)).toEqual({
      code: 7,
      commands: MIGRATIONS,
      last: 'Step 1 of 3, migrations of DB, failed (exit code 7). Not done: worker.',
    })
  })

  it('say that the last one failed', async () => {
    expect(await runWith(3)).toMatchObject({ code: 7, last: 'Step 3 of 3, worker, failed (exit code 7).' })
  })
})

describe('what is unfinished', () => {
  const finished: Parameters<typeof unfinished>[0] = {
    vars: { PUBLIC_URL: 'https://plans.acme.org', MAIL_FROM: 'Plans <plans@mail.acme.org>' },
    d1_databases: [{ binding: 'DB', database_id: '5f2c9a50-9a54-4f33-8b9e-0d4ae9d2a701' }],
    kv_namespaces: [{ binding: 'SESSIONS', id: '0f2ac74b498b48028cb68387c421e279' }],
  }

  it('is nothing in a finished configuration', () => {
    expect(unfinished(finished)).toEqual([])
  })

  it.each([
    ['PUBLIC_URL', { vars: { ...finished.vars, PUBLIC_URL: 'http://localhost:8787' } }],
    ['PUBLIC_URL', { vars: { ...finished.vars, PUBLIC_URL: 'plans.acme.org' } }],
    ['MAIL_FROM', { vars: { ...finished.vars, MAIL_FROM: 'Plans <plans@example.com>' } }],
    [
      'database_id of DB',
      { d1_databases: [{ binding: 'DB', database_id: '00000000-0000-0000-0000-000000000001' }] },
    ],
    ['id of SESSIONS', { kv_namespaces: [{ binding: 'SESSIONS' }] }],
  ])('is %s where it is %j', (name, change) => {
    const found = unfinished({ ...finished, ...change })
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(name)
  })
})

describe('npm run deploy', () => {
  async function deploy(...args: string[]) {
    const run = npmRun('deploy', { CLOUDFLARE_API_TOKEN: '', CI: 'true' }, args)
    return { code: await run.ended, output: run.output() }
  }

  it('refuses an environment that is as it came with the code, before anything is done', async () => {
    const { code, output } = await deploy('--env', 'staging')
    expect(code).toBe(1)
    for (const name of ['PUBLIC_URL', 'MAIL_FROM', 'database_id of DB', 'id of SESSIONS'])
      expect(output).toContain(name)
    expect(output).not.toContain('Step 1')
  })

  it.each([
    ['production', 'action-plans-exports'],
    ['staging', 'action-plans-staging-exports'],
  ])('bundles the worker of %s without an account', async (environment, bucket) => {
    const { code, output } = await deploy('--env', environment, '--dry-run')
    expect(code, output).toBe(0)
    expect(output).toContain(bucket)
    expect(output).toContain('Done: bundle.')
  })
})
