import { expect, it } from 'vitest'
import { volumeStarts } from '../../src/exports/volume-starts.ts'
import { MOST_ACTIONS_IN_A_FILE } from '../support/exports.ts'

const MOST = MOST_ACTIONS_IN_A_FILE
const light = (count: number) => Array<number>(count).fill(1)

it.each<[string, number[], number[]]>([
  ['a plan without actions is one volume', [], [0]],
  ['a few light actions are one volume', [1, 2, 3], [0]],
  ['as many actions as a volume takes are one volume', light(MOST), [0]],
  ['one action too many begins a volume', light(2 * MOST + 1), [0, MOST, 2 * MOST]],
  ['one byte too many begins a volume', [6e6, 6e6, 6e6, 6e6, 6e6], [0, 2, 4]],
  ['an action heavier than a volume has one of its own', [20e6, 1, 20e6], [0, 1, 2]],
])('%s', (_, bytes, starts) => {
  expect(volumeStarts(bytes, { actions: 500, bytes: 12 * 1024 * 1024 })).toEqual(starts)
})
