/** What wrangler.toml still has as it came with the code, and no deployment can have. */
import { isLocalHost } from '../../src/platform/local-host.ts'
import type { Configuration } from '../local/configuration.ts'

type Deployed = Pick<Configuration, 'vars' | 'd1_databases' | 'kv_namespaces'>

/** One sentence for each value that has to be replaced first. */
export function unfinished({ vars, d1_databases, kv_namespaces }: Deployed): string[] {
  const { PUBLIC_URL = '', MAIL_FROM = '' } = vars
  const ids = [
    ...d1_databases.map(({ binding, database_id }) => ({ binding, name: 'database_id', id: database_id })),
    ...kv_namespaces.map(({ binding, id }) => ({ binding, name: 'id', id })),
  ]
  return [
    ...(URL.canParse(PUBLIC_URL) && !isLocalHost(new URL(PUBLIC_URL).hostname)
      ? []
      : [`PUBLIC_URL must be the public address of the service, not "${PUBLIC_URL}"`]),
    ...(MAIL_FROM.includes('@') && !/@example\.(com|net|org)\b/.test(MAIL_FROM)
      ? []
      : [`MAIL_FROM must be an address of a domain that is yours, not "${MAIL_FROM}"`]),
    ...ids
      .filter(({ id = '' }) => /^[0-]*\d?$/.test(id))
      .map(({ binding, name }) => `${name} of ${binding} must be what wrangler said when it was made`),
  ]
}
