/** Hierarchies as a tree, pure. */
import type { StoredHierarchy } from './hierarchy-store.ts'
import type { HierarchyView } from './schemas.ts'
import { viewHierarchy } from './view.ts'

/** All hierarchies as a flat list, depth first; siblings in the order of their creation. */
export function depthFirst(rows: readonly StoredHierarchy[]): HierarchyView[] {
  const inOrder = [...rows].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
  const children = Map.groupBy(inOrder, ({ parentId }) => parentId)
  const flat: HierarchyView[] = []
  // A stack instead of recursion, because a tree may be one long chain.
  const waiting = [...(children.get(null) ?? [])].reverse()
  for (let row = waiting.pop(); row; row = waiting.pop()) {
    const own = children.get(row.id) ?? []
    flat.push(viewHierarchy(row, own.length))
    waiting.push(...[...own].reverse())
  }
  return flat
}
