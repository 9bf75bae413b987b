/** Areas as a tree, pure. */
import type { HierarchyView } from './schemas.ts'

export interface HierarchyRow {
  id: string
  name: string
  parent_id: string | null
  revision: number
  created_at: number
}

export function viewHierarchy(row: HierarchyRow, childCount: number): HierarchyView {
  return { id: row.id, name: row.name, parentId: row.parent_id, childCount }
}

/** The whole tree flat, depth first; brothers and sisters in the order they were made. */
export function depthFirst(rows: readonly HierarchyRow[]): HierarchyView[] {
  const inOrder = [...rows].sort((a, b) => a.created_at - b.created_at || (a.id < b.id ? -1 : 1))
  const children = Map.groupBy(inOrder, ({ parent_id: parentId }) => parentId)
  const flat: HierarchyView[] = []
  // A stack instead of recursion: a tree may be one long chain.
  const waiting = [...(children.get(null) ?? [])].reverse()
  for (let row = waiting.pop(); row; row = waiting.pop()) {
    const own = children.get(row.id) ?? []
    flat.push(viewHierarchy(row, own.length))
    waiting.push(...[...own].reverse())
  }
  return flat
}
