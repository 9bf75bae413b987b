/** Answers the template of an import, with the people and areas of the caller's company. */
import { PATH_SEPARATOR } from '../actions/sheet-columns.ts'
import { companyTree } from '../people/hierarchy-store.ts'
import { depthFirst } from '../people/tree.ts'
import { languageFor } from '../platform/locale.ts'
import { Problem } from '../platform/problem.ts'
import type { AuthorizedRequest } from '../platform/request.ts'
import { WORKBOOK_TYPE } from './reading.ts'
import { buildTemplate } from './template.ts'
import { assignableEmails, templateSetting } from './template-store.ts'
import { templateWords } from './template-words.ts'

/** A path that is longer is left out of the list; its area can be named by its id. */
const LONGEST_PATH = 1000

/** The workbook. Throws 503 BUSY. */
export async function readTemplate(
  request: AuthorizedRequest,
  acceptLanguage: string | null,
): Promise<Response> {
  const { database, caller } = request
  const { rows } = await request.readWeighed(
    (most) =>
      [
        templateSetting(database, caller.userId),
        assignableEmails(database, caller.companyId),
        companyTree(database, caller.companyId, most),
      ] as const,
    ([[setting]]) => setting?.bytes ?? 0,
  )
  const [[setting], people, tree] = rows
  // Whoever has a session has a row.
  if (!setting) throw new Problem('UNAUTHENTICATED')
  const locale = languageFor(setting.own, acceptLanguage, setting.company)
  const file = await buildTemplate({
    ...{ locale, accentColor: setting.accentColor },
    people: people.map(({ email }) => email),
    areas: pathsOf(depthFirst(tree)),
  })
  return new Response(file, {
    headers: {
      'Content-Type': WORKBOOK_TYPE,
      'Content-Disposition': `attachment; filename="${templateWords(locale).fileName}"`,
    },
  })
}

/** The paths of areas that come after the areas that they lie in. */
function pathsOf(areas: readonly { id: string; parentId: string | null; name: string }[]): string[] {
  const paths = new Map<string, string>()
  for (const { id, parentId, name } of areas) {
    const above = parentId === null ? '' : paths.get(parentId)
    if (above === undefined) continue
    const path = above === '' ? name : `${above}${PATH_SEPARATOR}${name}`
    if (path.length <= LONGEST_PATH) paths.set(id, path)
  }
  return [...paths.values()]
}
