/** Finds areas by what a file calls them. Pure. */
import { LIST_SEPARATOR, PATH_SEPARATOR } from '../actions/sheet-columns.ts'
import { fold } from '../platform/text.ts'

export interface Area {
  id: string
  parentId: string | null
  name: string
}

/** The area of that name, or why there is none. */
export type FoundArea = { id: string } | { complaint: string }

/**
 * Makes the function that says whether a list of areas by id has that text in an export. Names may hold what stands between
 * items, so that the text alone does not always tell which areas are meant.
 */
export function areaListing(areas: readonly Area[]): (ids: readonly string[], text: string) => boolean {
  const byId = new Map(areas.map((area) => [area.id, area]))
  const pathOf = (id: string): string => {
    const names: string[] = []
    for (let area = byId.get(id); area !== undefined; area = byId.get(area.parentId ?? ''))
      names.unshift(area.name)
    return names.join(PATH_SEPARATOR)
  }
  return (ids, text) =>
    ids.every((id) => byId.has(id)) && fold(ids.map(pathOf).join(LIST_SEPARATOR)) === fold(text)
}

/**
 * Makes the function that finds an area by its id, its path from the top (`Operations / Warehouse`), or its name if no
 * other has it. Letters compare as in searches, without regard to case.
 */
export function areaFinder(areas: readonly Area[]): (text: string) => FoundArea {
  const ids = new Set(areas.map(({ id }) => id))
  const byName = Map.groupBy(areas, ({ name }) => fold(name))
  const inside = new Map<string | null, Map<string, string[]>>()
  for (const { id, parentId, name } of areas) {
    const siblings = inside.get(parentId) ?? new Map<string, string[]>()
    inside.set(parentId, siblings)
    siblings.set(fold(name), [...(siblings.get(fold(name)) ?? []), id])
  }
  return (text) => {
    if (ids.has(text)) return { id: text }
    const key = fold(text.trim())
    const paths = follow(key.split(fold(PATH_SEPARATOR)), null, inside)
    const found = paths.length > 0 ? paths : (byName.get(key) ?? []).map(({ id }) => id)
    const [id, other] = found
    if (id === undefined) return { complaint: 'is no area of the company' }
    return other === undefined
      ? { id }
      : { complaint: 'is the name of several areas: give the path, or the id' }
  }
}

/**
 * The areas at a path below `parentId`. A name may have the separator in it, so each beginning of the path is tried; an
 * area is reached by one beginning only, so that the work is bounded by the number of areas.
 */
function follow(
  path: readonly string[],
  parentId: string | null,
  inside: ReadonlyMap<string | null, ReadonlyMap<string, readonly string[]>>,
): string[] {
  const siblings = inside.get(parentId)
  if (siblings === undefined) return []
  return path.flatMap((_, index) => {
    const reached = siblings.get(path.slice(0, index + 1).join(fold(PATH_SEPARATOR))) ?? []
    const rest = path.slice(index + 1)
    return rest.length === 0 ? reached : reached.flatMap((id) => follow(rest, id, inside))
  })
}
