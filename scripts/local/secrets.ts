/**
 * Secrets of a local worker. They are kept per state folder, so that links, codes and sessions outlive a restart, and
 * reach the worker through its environment, never a command line.
 */
import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from './options.ts'

/**
 * Those of .dev.vars.example, public and for one machine only: with them the sign-in code and the link of the demo data
 * are the ones that the reference's examples name (src/platform/demo.ts).
 */
export const PUBLIC_SECRETS = {
  SIGN_IN_CODE_SECRET: 'for-development-only-0000000000000000',
  DERIVED_KEYS_SECRET: 'for-development-only-0000000000000000',
  LINK_SIGNING_KEY: 'dev:for-development-only-0000000000000000',
} as const

type SecretName =
  | 'MAIL_API_KEY'
  | 'SIGN_IN_CODE_SECRET'
  | 'DERIVED_KEYS_SECRET'
  | 'LINK_SIGNING_KEY'
  | 'LINK_SIGNING_KEY_PREVIOUS'
export type Secrets = Record<SecretName, string>

/** @returns the kept secrets, each replaced by the environment's where that has one */
export async function loadSecrets(stateDir: string, env: Environment): Promise<Secrets> {
  const kept = await readOrMakeSecrets(join(stateDir, 'secrets.json'))
  return {
    MAIL_API_KEY: env.MAIL_API_KEY || kept.MAIL_API_KEY,
    SIGN_IN_CODE_SECRET: env.SIGN_IN_CODE_SECRET || kept.SIGN_IN_CODE_SECRET,
    // A state folder of an older version has none.
    DERIVED_KEYS_SECRET:
      env.DERIVED_KEYS_SECRET || kept.DERIVED_KEYS_SECRET || PUBLIC_SECRETS.DERIVED_KEYS_SECRET,
    LINK_SIGNING_KEY: env.LINK_SIGNING_KEY || kept.LINK_SIGNING_KEY,
    LINK_SIGNING_KEY_PREVIOUS: env.LINK_SIGNING_KEY_PREVIOUS || kept.LINK_SIGNING_KEY_PREVIOUS,
  }
}

async function readOrMakeSecrets(path: string): Promise<Secrets> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  })
  // Our own file, written whole or not at all.
  if (text !== null) return JSON.parse(text) as Secrets

  const secrets = {
    MAIL_API_KEY: randomBytes(24).toString('hex'),
    ...PUBLIC_SECRETS,
    LINK_SIGNING_KEY_PREVIOUS: 'none',
  }
  await writeFile(`${path}.new`, JSON.stringify(secrets, null, 2), { mode: 0o600, flush: true })
  await rename(`${path}.new`, path)
  return secrets
}
