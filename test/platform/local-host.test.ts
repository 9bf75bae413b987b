import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLocalHost } from '../../src/platform/local-host.ts'

/** As the runtime spells the host of an address. */
const isLocal = (authority: string) => isLocalHost(new URL(`http://${authority}/`).hostname)

describe('a local host', () => {
  it.each([
    'localhost',
    'LOCALHOST:8787',
    'localhost.',
    'api.localhost',
    'devbox',
    'devbox:8787',
    'mac.local',
    'plans.internal',
    'api.test',
    'nas.home.arpa',
    'desk.lan',
    '127.0.0.1',
    '127.255.255.254:9',
    '2130706433',
    '0x7f.1',
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.20',
    '[::]',
    '[::1]:8787',
    '[0:0:0:0:0:0:0:1]',
    '[fd12:3456::1]',
    '[fc00::1]',
    '[fe80::1]',
    '[febf::1]',
    '[::ffff:192.168.1.20]',
  ])('is %s', (authority) => {
    expect(isLocal(authority)).toBe(true)
  })

  it.each([
    'plans.example.com',
    'action-plans.acme.workers.dev',
    'localhost.example.com',
    'notlocalhost.com',
    'local.com',
    'mylocal.org',
    'arpa.org',
    '1.1.1.1',
    '11.0.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '128.0.0.1',
    '169.253.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '192.167.0.1',
    '192.169.0.1',
    '127.0.0.1.nip.io',
    '[2606:4700::1111]',
    '[fec0::1]',
    '[::ffff:1.1.1.1]',
    '[::2]',
  ])('is not %s', (authority) => {
    expect(isLocal(authority)).toBe(false)
  })

  it('is the same whether an IPv4 address is written as such, as a number, or inside IPv6', () => {
    const byte = fc.oneof(
      fc.constantFrom(0, 10, 100, 127, 169, 172, 192, 254, 168, 64, 16),
      fc.integer({ min: 0, max: 255 }),
    )
    fc.assert(
      fc.property(fc.tuple(byte, byte, byte, byte), (bytes) => {
        const dotted = bytes.join('.')
        const number = bytes.reduce((sum, next) => sum * 256 + next, 0)
        expect([isLocal(String(number)), isLocal(`[::ffff:${dotted}]`)]).toEqual([
          isLocal(dotted),
          isLocal(dotted),
        ])
      }),
    )
  })
})
