import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editsBetween, probablyMeant } from '../../src/platform/suggestion.ts'

const NAMES = [
  ...['planId', 'title', 'description', 'visibility', 'followsPlanVisibility', 'focusItems', 'hierarchyIds'],
  ...['assigneeIds', 'dueDate', 'actionType', 'origin', 'to', 'q', 'from'],
]

describe('the name that was probably meant', () => {
  it.each([
    ['titel', 'title'],
    ['Title', 'title'],
    ['tilte', 'title'],
    ['titles', 'title'],
    ['due_date', 'dueDate'],
    ['duedate', 'dueDate'],
    ['plan', 'planId'],
    ['assignee', 'assigneeIds'],
    ['assignee_ids', 'assigneeIds'],
    ['hierarchies', 'hierarchyIds'],
    ['form', 'from'],
    ['Q', 'q'],
  ])('by %s is %s', (name, meant) => {
    expect(probablyMeant(name, NAMES)).toBe(meant)
  })

  it.each(['', 'x', 'id', 'priority', 'tags', 'sort', 'owner', '__proto__', 'title title', '標題'])(
    'by %j is none',
    (name) => {
      expect(probablyMeant(name, NAMES)).toBeNull()
    },
  )

  it('is the closest, and of equally close ones the first', () => {
    expect(probablyMeant('stats', ['status', 'starts', 'stat'])).toBe('status')
    expect(probablyMeant('stat', ['status', 'stats'])).toBe('stats')
  })
})

const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 7 })

describe('the edits between two texts', () => {
  /** By its definition, without the table. */
  const defined = (one: string, other: string): number => {
    if (one === '' || other === '') return one.length + other.length
    const [first, rest] = [one.slice(0, -1), other.slice(0, -1)]
    const isSame = one.at(-1) === other.at(-1)
    const isSwapped = one.length > 1 && one.at(-1) === other.at(-2) && one.at(-2) === other.at(-1)
    return Math.min(
      defined(first, other) + 1,
      defined(one, rest) + 1,
      defined(first, rest) + (isSame ? 0 : 1),
      isSwapped ? defined(one.slice(0, -2), other.slice(0, -2)) + 1 : Infinity,
    )
  }

  it('are as many as by definition', () => {
    const short = letters.map((text) => text.slice(0, 5))
    fc.assert(
      fc.property(short, short, (one, other) => {
        expect(editsBetween(one, other)).toBe(defined(one, other))
      }),
      { numRuns: 300 },
    )
  })

  it('are as many both ways, none only between equal texts, and one for a swap', () => {
    fc.assert(
      fc.property(letters, letters, (one, other) => {
        expect(editsBetween(one, other)).toBe(editsBetween(other, one))
        expect(editsBetween(one, other) === 0).toBe(one === other)
        expect(editsBetween(`${one}xy${other}`, `${one}yx${other}`)).toBe(1)
      }),
    )
  })
})

it('a known name is always found by itself in any case, and with one edit when it has six letters', () => {
  const name = fc.constantFrom(...NAMES)
  fc.assert(
    fc.property(name, fc.nat(), fc.constantFrom('', 'z', '-'), (known, place, inserted) => {
      expect(probablyMeant(known.toUpperCase(), NAMES)).toBe(known)
      const at = place % known.length
      const edited = known.slice(0, at) + inserted + known.slice(at + 1)
      if (known.length >= 6) expect(probablyMeant(edited, NAMES)).toBe(known)
    }),
  )
})
