/** The OpenAPI document as the service serves it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newPlace, type Service, startService } from '../killtest/service.ts'

/** Runs the work beside a service of its own, on free ports and with demo data, that ends with it. */
export async function besideService<Result>(
  variables: Record<string, string>,
  work: (service: Service) => Promise<Result>,
): Promise<Result> {
  const stateDir = await mkdtemp(join(tmpdir(), 'openapi-'))
  const service = await startService(await newPlace(stateDir), variables)
  try {
    return await work(service)
  } finally {
    await service.kill()
    await rm(stateDir, { recursive: true })
  }
}

/**
 * @param url of a running service; without one it is started for this
 * @returns the text of /openapi.json
 */
export async function servedDocument(url: string | undefined): Promise<string> {
  // As deployed: rules complain of a server at localhost.
  const deployed = { PUBLIC_URL: 'https://plans.acme.test' }
  if (url === undefined) return besideService(deployed, async (service) => servedDocument(service.url))
  const response = await fetch(new URL('/openapi.json', url))
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return JSON.stringify(await response.json(), null, 2)
}
