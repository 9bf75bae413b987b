import { LONGEST_TEXT } from './excel.ts'

/** Strings that have broken some spreadsheet somewhere. */
export const NASTY = [
  ...['', ' leading and trailing ', '\ttab\nline\r\nline\rreturn\n', '=1+1', '+1', '-1', '@SUM(A1)'],
  ...['=HYPERLINK("http://x","y")', "=cmd|' /C calc'!A0", '_x0041_', '_x005F_x0041_', '__x0041__x000a_'],
  ...['_X0041_', '_x00e9_x00e9_', '_x0000_', '&amp;&lt;&#65;&#0;', '<script>]]></script>', ']]>'],
  ...['<![CDATA[x]]>', '<!--', 'a"b\'c', "'quoted'", "'", '\u0000\u0001\u0008\u000b\u000c\u001f\u007f\u0085'],
  ...['\ufffe\uffff\ufeff', '\ud800', '\udfff', 'x\udc00\ud800y', '😀'.repeat(20), '👩‍👩‍👧‍👦🏳️‍🌈'],
  ...['\u{10ffff}\u{1fffe}', 'שלום עולם', 'مرحبا', '\u202eoverride\u202c\u2066isolate\u2069'],
  ...['ΟΔΟΣ οδος ſtraße STRASSE İi', 'e\u0301'.repeat(30), 'Z̸̢͇a̵l̷g̶o̴', 'History', 'Summary', 'Resumen'],
  ...['history', '[]:*?/\\', '：＊？／＼［］', '{{title}}', '{{label.due}}', '{{action.title}}'],
  ...['$&$1$`', '#REF!'],
  ...['TRUE', '1e5', '007', '2026-11-23', 'x'.repeat(LONGEST_TEXT), 'x'.repeat(LONGEST_TEXT + 1)],
  ...[`${'x'.repeat(LONGEST_TEXT - 2)}😀😀`, `${'x'.repeat(LONGEST_TEXT - 1)}😀`, '\n'.repeat(300)],
  ...['_x0041_'.repeat(5_000), '&'.repeat(LONGEST_TEXT)],
]
