/** Values that are heavy to refuse unless their length is looked at first. `plain` costs nothing beyond its bytes. */

const SIZE = 95_000

/** Values that fit into the largest body; each is sent for every member, whatever the member's type. */
export const HOSTILE_BODY_VALUES: Record<string, unknown> = {
  plain: 'a'.repeat(SIZE),
  'unsorted combining marks': `a${'\u0301'.repeat(SIZE / 4)}${'\u0316'.repeat(SIZE / 4)}`,
  'combining marks after each letter': `a${'\u0316\u0301'.repeat(15)}\u0316`.repeat(SIZE / 63),
  'one character of four bytes': '😀'.repeat(SIZE / 4),
  'what decomposes': '\uFDFA'.repeat(SIZE / 3),
  blanks: ' '.repeat(SIZE),
  'lines without an end': '\r\n'.repeat(SIZE / 4),
  'almost an address': `${'a.'.repeat(SIZE / 2 - 10)}@x`,
  'almost an instant': `2026-01-01T00:00:00.${'0'.repeat(SIZE - 40)}`,
  'lone surrogates': '\ud800'.repeat(SIZE / 6),
  'a long list': Array.from({ length: SIZE / 2 - 10 }, () => 1),
  'a list of lists': `[[${'[],'.repeat(SIZE / 3 - 10)}[]]]`,
  'many members': Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [n.toString(36), 1])),
}

/** Parameters are in the URL or a header, which platforms limit to a few kilobytes. */
const PARAMETER_SIZE = 15_000
export const HOSTILE_PARAMETERS: Record<string, string> = {
  plain: 'a'.repeat(PARAMETER_SIZE),
  'unsorted combining marks': `a${'\u0301'.repeat(1500)}${'\u0316'.repeat(1500)}`,
  'many parts': 'a,'.repeat(PARAMETER_SIZE / 2),
  'quoted parts': '"a",'.repeat(PARAMETER_SIZE / 4),
  blanks: `a${' '.repeat(PARAMETER_SIZE)}b`,
  digits: '9'.repeat(PARAMETER_SIZE),
}
