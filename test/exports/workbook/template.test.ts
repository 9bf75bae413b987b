import { expect, it } from 'vitest'
import template from '../../../src/exports/workbook/template.xlsx'
import { readParts, readWithExceljs } from './read-back.ts'

// What a designer may change freely is not tested; what the builder relies on is.

const bytes = new Uint8Array(template)

it('tells nothing of who made it', async () => {
  const parts = await readParts(bytes)
  expect(parts.get('docProps/core.xml')).not.toMatch(/lastModifiedBy>[^<]|<dc:creator>(?!Action Plans)[^<]/)
  for (const [name, xml] of parts) expect(xml, name).not.toMatch(/absPath|\\Users\\|\/home\/|file:\/\//)
})

it('has the sheets that the builder fills', async () => {
  const workbook = await readWithExceljs(bytes)
  expect(workbook.worksheets.map(({ name }) => name)).toEqual([
    'Summary',
    'Timeline',
    'Breakdown',
    'Data',
    'Action',
  ])
})

const ROW = 'number title type status completion assignees areas focus due started finished notes days volume'
const FIELDS = [
  ...ROW.split(' ').flatMap((column) => [`action.${column}`, `elsewhere.${column}`]),
  ...'planTitle planDescription completion overdueCount visibility planCreator planCreated'.split(' '),
  ...'exportedAt exportedBy contents.text noActions.text'.split(' '),
  ...'title description origin creator created updated kicker noNotes.text'.split(' '),
  ...'assignee.name assignee.status assignee.account note.when note.author'.split(' '),
]

it.each(FIELDS)('has a place for {{%s}}, which the workbook must show', async (field) => {
  expect((await readParts(bytes)).get('xl/sharedStrings.xml')).toContain(`{{${field}}}`)
})
