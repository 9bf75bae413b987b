import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ID_PATTERN } from '../../src/platform/ids.ts'
import { newId } from '../../src/platform/new-id.ts'

it('makes ids in the order of time', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_000_000_000 }),
      fc.integer({ min: 1, max: 1000 }),
      (second, later) => {
        const [one, two] = [newId(second * 1000 + 999), newId((second + later) * 1000)]
        expect(one).toMatch(ID_PATTERN)
        expect(parseInt(one.slice(0, 8), 16)).toBe(second)
        expect(one < two || second + later > 0xffffffff).toBe(true)
      },
    ),
  )
})
