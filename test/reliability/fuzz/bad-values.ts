/** For each kind of member, values that are not of its kind. */

export const badTitles: unknown[] = [
  ...[1, true, [], {}, '', ' \n ', 'x'.repeat(201), '😀'.repeat(201), 'a\tb', 'a\u0000', '\ud800', '\u0085'],
]
export const badDescriptions: unknown[] = [0, false, [], {}, 'x'.repeat(5001), '\u0007', '\udc00x']
export const badIds: unknown[] = [
  ...['', 'x', 'A'.repeat(24), '0'.repeat(23), '0'.repeat(25), 7, {}, true, '0'.repeat(24)],
]
export const badTimes: unknown[] = [
  ...['tomorrow', '2026-02-29', '2026-01-01T00:00:00', '2026-02-30T00:00:00Z', '2026-13-01T00:00:00Z', 1, {}],
  ...['', '+12026-01-01T00:00:00Z', '2026-01-01T25:00:00Z', '2026-01-01T00:00:00+24:00'],
]
export const badTimeZones: unknown[] = ['', 'Mars/Base', '+01:00', 1, 'UTC\u0000']
export const badCodes: unknown[] = [
  ...['', '1234567', '123456789', 'abcdefgh', 12345678, null, '１２３４５６７８'],
]
export const badMails: unknown[] = [
  ...['', 'x', '@', 'a@b', 'a b@c.de', 'a@b@c.de', `${'x'.repeat(250)}@c.de`, 1, null],
  ...['a@c.de\r\nBcc: x@y.z'],
]
export const badChoices: unknown[] = ['', 'public', 'PUBLIC ', 'X', 1, {}, []]

export const badIndexes = ['-1', '1.5', '1e3', '2147483648', 'x', '', '0x1', '９', '+1', 'NaN']
