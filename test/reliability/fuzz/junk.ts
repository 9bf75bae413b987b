/** Values that broken or hostile clients send. */
import * as fc from 'fast-check'

const NASTY = [
  ...['', ' ', '\0', '\u0007', '\ud800', '\udfff', '\ufeff', '\u202e', 'x'.repeat(201), '😀'.repeat(5001)],
  ...["' OR 1=1--", '"; DROP TABLE plans;--', '%', '_', '\\', '*', '${7*7}', '<script>', '\r\nX-Header: 1'],
  ...['../../etc', 'null', 'NaN', '-1', '1e999', '9007199254740993', '2147483648', '0x10', '１', 'ß', 'İ'],
  ...['2026-02-30T00:00:00Z', '+275760-09-13T00:00:00Z', '2026-01-01', '0000-01-01T00:00:00+23:59'],
  ...['__proto__', 'constructor'],
]

/** Texts that have broken services before. */
export const nasty = fc.constantFrom(...NASTY)
/** Any JSON value, with many unusual ones. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  nasty,
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.constantFrom(null, true, [], {}, [[]], -0, 1.5, 1e21, [null], ['x', 'x']),
)
