import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { PUBLIC_SECRETS } from '../../scripts/local/secrets.ts'
import { signLink } from '../../src/exports/links.ts'
import { DEMO, DEMO_CODE, DEMO_LINK, DEMO_SWITCH_OFF } from '../../src/platform/demo.ts'
import { signSwitchOff } from '../../src/reminders/links.ts'
import { codeOf } from '../../src/sessions/codes.ts'

describe('what the examples of the reference name', () => {
  it('is a code that local workers derive from its id', async () => {
    expect(await codeOf(DEMO_CODE.id, PUBLIC_SECRETS.SIGN_IN_CODE_SECRET)).toBe(DEMO_CODE.code)
  })

  it('is a link that local workers have signed', async () => {
    const [id = '', secret = ''] = PUBLIC_SECRETS.LINK_SIGNING_KEY.split(':')
    const { file, expires, kid, signature } = DEMO_LINK
    const target = { exportId: DEMO.export, file, expiresAt: Number(expires) * 1000 }
    expect(await signLink(target, { id, secret })).toBe(
      `/api/v1/downloads/${DEMO.export}/${file}?expires=${expires}&kid=${kid}&signature=${signature}`,
    )
  })

  it('is an address that local workers have signed', async () => {
    const target = { companyId: DEMO.company, userId: DEMO.ana }
    expect(await signSwitchOff(target, PUBLIC_SECRETS.DERIVED_KEYS_SECRET)).toBe(
      `/api/v1/reminders/${DEMO.company}/${DEMO.ana}?signature=${DEMO_SWITCH_OFF.signature}`,
    )
  })
})

describe('the secrets of local workers', () => {
  it('are those of .dev.vars.example', () => {
    const example = readFileSync('.dev.vars.example', 'utf8')
    for (const [name, value] of Object.entries(PUBLIC_SECRETS))
      expect(example).toContain(`${name}="${value}"`)
  })
})
