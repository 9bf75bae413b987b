/** The ways in which the suites bend a signed link. */
import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { signLink } from '../../src/exports/links.ts'
import { readSettings, type SigningKey } from '../../src/settings.ts'

const { LINK_SIGNING_KEY, LINK_SIGNING_KEY_PREVIOUS } = readSettings(env)

export const CURRENT: SigningKey = LINK_SIGNING_KEY
export const PREVIOUS: SigningKey = LINK_SIGNING_KEY_PREVIOUS ?? expect.fail('the tests have two keys')
export const WITHDRAWN: SigningKey = { id: 'k0', secret: 'test-link-signing-key-withdrawn-32-chr' }

/** Printable ASCII, and characters that look, fold or decode like others. */
const REPLACEMENTS = [
  ...Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)),
  ...[
    ...['\t', '\n', '\r', '\0', '\u00a0', '\u0130', '\u017f', '\u212a', '\uff10', '\u0660', 'é', '😀', '%00'],
    ...['%2e'],
  ],
]

/** Every text that differs from the link in one character: another one, one less, one more, two swapped. */
export function* oneCharacterAway(link: string): Generator<string> {
  for (let at = 0; at < link.length; at += 1) {
    const [head, tail] = [link.slice(0, at), link.slice(at + 1)]
    yield head + tail
    yield head + link.charAt(at) + link.slice(at)
    if (tail !== '' && !tail.startsWith(link.charAt(at)))
      yield head + tail.charAt(0) + link.charAt(at) + tail.slice(1)
    const code = link.charCodeAt(at).toString(16)
    yield `${head}%${code}${tail}`
    for (const replacement of REPLACEMENTS) {
      if (replacement !== link.charAt(at)) yield head + replacement + tail
      yield head + replacement + link.slice(at)
    }
  }
  for (const replacement of REPLACEMENTS) yield link + replacement
}

/** Parameters doubled, missing, added, reordered, renamed, in another place or another spelling. */
export function* otherParameters(link: string): Generator<string> {
  const [path = '', query = ''] = link.split('?')
  const parameters = query.split('&')
  for (const [index, parameter] of parameters.entries()) {
    const rest = parameters.filter((_, other) => other !== index)
    const [name = '', value = ''] = parameter.split('=')
    yield `${path}?${rest.join('&')}`
    for (const other of parameters) yield `${link}&${other}`
    yield `${path}?${parameter}&${query}`
    yield `${path}?${[...rest, parameter].join('&')}x`
    for (const spelling of [
      name.toUpperCase(),
      `${name}[]`,
      `${name}%20`,
      `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`,
    ])
      yield `${path}?${[...rest, `${spelling}=${value}`].join('&')}`
    for (const twisted of [
      value.toUpperCase() + ' ',
      `0${value}`,
      `+${value}`,
      `-${value}`,
      `${value}.0`,
      `${value}e0`,
      '',
    ])
      yield `${path}?${parameters.map((own) => (own === parameter ? `${name}=${twisted}` : own)).join('&')}`
  }
  for (const order of [
    [1, 0, 2],
    [2, 1, 0],
    [0, 2, 1],
    [1, 2, 0],
    [2, 0, 1],
  ])
    yield `${path}?${order.map((index) => parameters[index] ?? '').join('&')}`
  for (const extra of [
    ...['x=1', 'expires', '=', '&', 'utm_source=mail', 'signature=', '__proto__=1', '#', ';a=b'],
  ])
    yield* [`${link}&${extra}`, `${path}?${extra}&${query}`]
  yield* [path, `${path}?`, `${path}/?${query}`, `/${path}?${query}`, `${path.toUpperCase()}?${query}`]
  yield* [
    `${path}?${query.toUpperCase()}`,
    `${path}/../plan.xlsx?${query}`,
    `${path}%2F?${query}`,
    `${link}#`,
  ]
}

/** The link of one target with the parts of another's: path, expiry, key and signature in all mixtures. */
export async function* mixtures(targets: readonly { exportId: string; file: string; expiresAt: number }[]) {
  const links: string[] = []
  for (const target of targets) for (const key of [CURRENT, PREVIOUS]) links.push(await signLink(target, key))
  const parts = links.map((link) => /^(.*)\?expires=(.*)&kid=(.*)&signature=(.*)$/.exec(link)?.slice(1) ?? [])
  const genuine = new Set(links)
  for (const [path] of parts)
    for (const [, expires] of parts)
      for (const [, , kid] of parts)
        for (const [, , , signature] of parts) {
          const link = `${path ?? ''}?expires=${expires ?? ''}&kid=${kid ?? ''}&signature=${signature ?? ''}`
          if (!genuine.has(link)) yield link
        }
}
