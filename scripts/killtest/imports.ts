/** Imports in the kill test: each is there whole or not at all, and once, whatever was killed. */
import { call, expectStatus, type Service } from './service.ts'

const IMPORTS = '/api/v1/company/imports'
const ACTIONS = 3

interface Import {
  name: string
  acknowledged: boolean
}

export class Imports {
  readonly #imports: Import[] = []

  get count(): number {
    return this.#imports.length
  }

  get acknowledged(): number {
    return this.#imports.filter(({ acknowledged }) => acknowledged).length
  }

  /** Throws when the service is gone. */
  async bringAlong(service: Service, name: string): Promise<void> {
    const one: Import = { name, acknowledged: false }
    this.#imports.push(one)
    await send(service, name, false)
    one.acknowledged = true
  }

  /**
   * What was acknowledged is there, what was not is there or not, and asked for again it is there once.
   * @param since how many have been looked at before
   */
  async check(service: Service, since: number): Promise<string[]> {
    const problems: string[] = []
    for (const one of this.#imports.slice(since)) {
      const { name } = one
      const found = await actionsOf(service, name)
      const { unchanged } = await send(service, name, true)
      const isWhole = found === ACTIONS && unchanged === ACTIONS + 1
      if (!isWhole && (one.acknowledged || found > 0 || unchanged > 0))
        problems.push(
          `import ${name} has ${found} actions and ${unchanged} rows, acknowledged: ${one.acknowledged}`,
        )
      await send(service, name, false)
      one.acknowledged = true
      const after = await actionsOf(service, name)
      if (after !== ACTIONS) problems.push(`import ${name} was asked for twice and has ${after} actions`)
    }
    return problems
  }
}

async function actionsOf(service: Service, name: string): Promise<number> {
  const path = `/api/v1/company/actions?q=${encodeURIComponent(`${name} imported`)}`
  const { body } = await call<{ total: number }>(service, 'GET', path)
  return body.total
}

/** A plan with its actions, one of which has a note; the same for the same name. */
async function send(service: Service, name: string, isDryRun: boolean): Promise<{ unchanged: number }> {
  const actions = Array.from({ length: ACTIONS }, (_, index) => ({
    externalId: `${name}/${index}`,
    title: `${name} imported ${index}`,
    notes: index === 0 ? [{ text: 'Brought along' }] : [],
  }))
  const { status, body } = await call<{ unchanged: number }>(
    service,
    'POST',
    `${IMPORTS}?dryRun=${String(isDryRun)}`,
    JSON.stringify({ externalId: name, title: `${name} imported`, actions }),
    { 'Content-Type': 'application/x-ndjson', ...(isDryRun ? {} : { 'Idempotency-Key': `${name}-import` }) },
  )
  expectStatus(status, 200, 'POST import')
  return body
}
