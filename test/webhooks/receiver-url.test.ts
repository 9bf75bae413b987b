import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readReceiver } from '../../src/webhooks/receiver-url.ts'

const PLACES = {
  trusted: ['localhost:8025', '127.0.0.1:8025'],
  own: ['https://plans.example.com', 'https://x.workers.dev/'],
}

function complaintAbout(url: string): string | null {
  const receiver = readReceiver(url, PLACES)
  return 'complaint' in receiver ? receiver.complaint : null
}

describe('a webhook may call', () => {
  it.each([
    'https://hooks.example.com/x?y=z',
    'https://example.com:8443/',
    'https://example.com./',
    'https://bücher.example/',
    'https://8.8.8.8/',
    'https://[2606:4700:4700::1111]/',
    'https://[2001:200::1]/',
    'https://192.0.0.1.example.com/',
    'https://localhost.example.com/',
    'https://[2001:4860:4860::8888]:444/',
    'https://100.128.0.1/',
    'https://172.32.0.1/',
    'https://xn--mgbh0fb.example/',
  ])('%s', (url) => {
    expect(complaintAbout(url)).toBeNull()
  })

  it.each([
    'http://localhost:8025/hook',
    'https://localhost:8025/',
    'http://127.0.0.1:8025/',
    'http://2130706433:8025/',
  ])('%s, which is trusted', (url) => {
    expect(complaintAbout(url)).toBeNull()
  })
})

describe('a webhook may not call', () => {
  it.each([
    ...[
      '',
      'hooks.example.com',
      '/hook',
      'ftp://example.com/',
      'file:///etc/passwd',
      'https://',
      'https://[::1',
      'javascript:0',
    ],
    ...[
      'http://hooks.example.com/',
      'https://user@example.com/',
      'https://user:password@example.com/',
      'https://example.com/#a',
    ],
    ...[
      'https://:password@example.com/',
      `https://example.com/${'a'.repeat(2000)}`,
      'https:example.com',
      'https:/example.com',
      'https:\\\\example.com/',
      'https://example.com/#',
      'https://@example.com/',
      'https://:@example.com/',
      'https://*.example.com/',
      'https://x.onion/',
      'https://x.invalid/',
      'https://x.localdomain/',
      'https://1.0.0.127.in-addr.arpa/',
      `https://example.com/${'ü'.repeat(400)}`,
    ],
  ])('what is no plain https URL: %s', (url) => {
    expect(complaintAbout(url)).not.toBeNull()
  })

  it.each([
    ...[
      'localhost',
      'LOCALHOST',
      'localhost.',
      'foo.localhost',
      'foo.localhost.',
      'printer.local',
      'db.internal',
      'a.internal.',
    ],
    ...[
      'nas.home.arpa',
      'router.lan',
      'intranet',
      'intranet.',
      'x..example.com',
      'localhost..',
      'example.com..',
      'ｌｏｃａｌｈｏｓｔ',
    ],
    ...[
      'plans.example.com',
      'PLANS.example.com.',
      'plans.example.com:8443',
      'x.workers.dev',
      'localhost:8026',
      '127.0.0.1:80',
    ],
  ])('a name that is not public, or its own: %s', (host) => {
    expect(complaintAbout(`https://${host}/`)).not.toBeNull()
  })

  it.each([
    ...[
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '0x7f.1',
      '127.0.0.1.',
      '①②⑦.0.0.1',
      '127。0。0。1',
    ],
    ...[
      '0.0.0.0',
      '0',
      '10.0.0.1',
      '10.255.255.255',
      '100.64.0.1',
      '100.127.255.255',
      '169.254.169.254',
      '172.16.0.1',
    ],
    ...[
      '172.31.255.255',
      '192.0.0.8',
      '192.0.2.1',
      '192.88.99.1',
      '192.168.1.1',
      '198.18.0.1',
      '198.19.255.255',
    ],
    ...[
      '198.51.100.7',
      '203.0.113.9',
      '224.0.0.1',
      '239.255.255.255',
      '240.0.0.1',
      '255.255.255.255',
      '3232235777',
    ],
  ])('an IPv4 address that is not public: %s', (host) => {
    expect(complaintAbout(`https://${host}/`)).not.toBeNull()
  })

  it.each([
    ...[
      '::',
      '::1',
      '0:0:0:0:0:0:0:1',
      '::ffff:127.0.0.1',
      '::ffff:8.8.8.8',
      '::127.0.0.1',
      '::7f00:1',
      '64:ff9b::127.0.0.1',
    ],
    ...[
      '64:ff9b::808:808',
      '64:ff9b:1::1',
      '100::1',
      '2001::1',
      '2001:10::1',
      '2001:20::1',
      '2001:db8::1',
      '2002:7f00:1::',
    ],
    ...[
      '2002:808:808::1',
      '3fff::1',
      '3fff:fff::1',
      '4000::1',
      '5f00::1',
      'fc00::1',
      'fd12:3456::1',
      'fe80::1',
      'fec0::1',
      'ff02::1',
    ],
    ...['fe80::1%25eth0', 'fe80::1%eth0', '::ffff:0:127.0.0.1'],
  ])('an IPv6 address that is not public: %s', (host) => {
    expect(complaintAbout(`https://[${host}]/`)).not.toBeNull()
  })
})

/** An IPv4 address of one of these ranges, spelled in one of the ways that URLs may spell it. */
const privateIpv4 = fc
  .tuple(
    fc.constantFrom(
      [10, 8],
      [127, 8],
      [169 * 256 + 254, 16],
      [192 * 256 + 168, 16],
      [172 * 16 + 1, 12],
      [0, 8],
    ),
    fc.nat(2 ** 32 - 1),
    fc.constantFrom('decimal', 'hex', 'octal', 'dotted', 'short', 'mapped', 'compatible', 'nat64', '6to4'),
  )
  .map(([[prefix = 0, bits = 8], rest, spelling]) => {
    const number = prefix * 2 ** (32 - bits) + (rest % 2 ** (32 - bits))
    const bytes = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256)
    const groups = `${Math.floor(number / 65536).toString(16)}:${(number % 65536).toString(16)}`
    switch (spelling) {
      case 'decimal':
        return String(number)
      case 'hex':
        return `0x${number.toString(16)}`
      case 'octal':
        return bytes.map((byte) => `0${byte.toString(8)}`).join('.')
      case 'short':
        return `${String(bytes[0])}.${String(number % 2 ** 24)}`
      case 'mapped':
        return `[::ffff:${bytes.join('.')}]`
      case 'compatible':
        return `[::${groups}]`
      case 'nat64':
        return `[64:ff9b::${groups}]`
      case '6to4':
        return `[2002:${groups}::1]`
      default:
        return bytes.join('.')
    }
  })

it('refuses private addresses in every spelling', () => {
  fc.assert(
    fc.property(privateIpv4, (host) => {
      expect(complaintAbout(`https://${host}/`)).not.toBeNull()
    }),
  )
})

it('reads the same host from what it accepted, however that is spelled', () => {
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true }), (url) => {
      const receiver = readReceiver(url.replace(/^http:/, 'https:'), PLACES)
      if ('complaint' in receiver) return
      expect(receiver.host).toMatch(/^[^/@]+:\d+$/)
      expect(readReceiver(`https://${receiver.host}/`, PLACES)).toEqual(receiver)
    }),
  )
})
