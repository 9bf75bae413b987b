import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

/** The statements of an SQL file, without comments and with single spaces. */
function statementsIn(file: string, end: RegExp): string[] {
  const sql = readFileSync(file, 'utf8').replaceAll(/^-- .*$/gm, '')
  return sql
    .split(end)
    .map((statement) => statement.replaceAll(/\s+/g, ' ').trim().replace(/;$/, ''))
    .filter((statement) => statement !== '')
}

it('makes the full-text table and its triggers as the migration does', () => {
  // A trigger ends with END, and has a semicolon inside.
  const made = statementsIn(
    'scripts/text-index/create.sql',
    /;\n(?=CREATE|INSERT INTO action_texts \(rowid, title, description\) SELECT)|;\n$/,
  )
  const migrated = statementsIn('migrations/0007_one-audience-an-action.sql', /--> statement-breakpoint\n/)
  expect(made).toHaveLength(5)
  for (const statement of made) expect(migrated).toContain(statement)
})
