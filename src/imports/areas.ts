/** Finds areas by what a file calls them. Pure. */
import { PATH_SEPARATOR, pathBelow } from '../actions/sheet-columns.ts'
import { LIST_SEPARATOR } from '../actions/sheet-lists.ts'
import { fold } from '../platform/text.ts'

export interface Area {
  id: string
  parentId: string | null
  name: string
}

/** Whether an export shows these areas, by id, as those paths. null stands for what is not valid. */
export type AreaListing = (ids: readonly (string | null)[], paths: readonly (string | null)[]) => boolean

/** The area of that name, or why there is none. */
export type FoundArea = { id: string } | { complaint: string }

/**
 * Makes the function that says whether an export shows a list of areas, by id, as those paths. Two areas may have one path, and
 * a name may hold what stands between items, which earlier exports did not set apart.
 */
export function areaListing(areas: readonly Area[]): AreaListing {
  const byId = new Map(areas.map((area) => [area.id, area]))
  const known = new Map<string, string>()
  const pathOf = (id: string): string => {
    const inside: Area[] = []
    for (
      let area = byId.get(id);
      area !== undefined && !known.has(area.id);
      area = byId.get(area.parentId ?? '')
    )
      inside.unshift(area)
    for (const { id: each, parentId, name } of inside)
      known.set(each, pathBelow(known.get(parentId ?? '') ?? null, name))
    return known.get(id) ?? ''
  }
  const inCell = (paths: readonly (string | null)[]) => fold(paths.join(LIST_SEPARATOR))
  return (ids, paths) =>
    ids.every((id) => id !== null && byId.has(id)) &&
    inCell(ids.map((id) => pathOf(id ?? ''))) === inCell(paths)
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
