/** The plan that the demo makes: a dozen actions such as a people team would write them. */
import type { FocusType, Origin } from '../../src/db/enums.ts'
import type { Step } from '../../src/db/enums.ts'

export const PLAN = {
  title: 'Listen, decide, tell: acting on the autumn survey',
  description:
    'Engagement fell in Operations and Technology. Twelve improvements that the teams asked for, until the end of the quarter.',
}

interface DemoStory {
  title: string
  description: string
  /** First names; the first one's steps are taken. */
  assignees: readonly string[]
  areas: readonly string[]
  focusItems: readonly { focusType: FocusType; focusId?: string }[]
  dueInDays?: number
  origin?: Origin
  note?: string
  steps: readonly Step[]
}

export const ACTIONS: readonly DemoStory[] = [
  {
    title: 'Share the survey results team by team',
    description: 'Forty-five minutes each: what was said, what surprises us, what we take from it.',
    assignees: ['Ana', 'Marc', 'Noa'],
    areas: ['Operations', 'Technology'],
    focusItems: [{ focusType: 'SCORE', focusId: 'communication' }, { focusType: 'ENPS' }],
    dueInDays: 14,
    note: 'All teams but the late shift have had their session.',
    steps: ['IN_PROGRESS'],
  },
  {
    title: 'Two volunteers per team to choose the first steps',
    description: 'They meet once a week and may say no to anything proposed from above.',
    assignees: ['Noa'],
    areas: ['Operations'],
    focusItems: [{ focusType: 'SCORE', focusId: 'participation' }],
    dueInDays: 7,
    note: 'Fourteen volunteers, more than expected.',
    steps: ['IN_PROGRESS', 'COMPLETED'],
  },
  {
    title: 'No meetings on Thursday mornings',
    description: 'Calendar blocked for everybody from 9 to 13; customers come first, as always.',
    assignees: ['Marc'],
    areas: ['Technology', 'Platform', 'Data'],
    focusItems: [{ focusType: 'SCORE', focusId: 'workload' }, { focusType: 'HI' }],
    steps: ['COMPLETED'],
    note: 'Running since Monday. First reactions: relief.',
  },
  {
    title: 'Publish shift plans three weeks ahead',
    description: 'Swaps stay possible until the evening before.',
    assignees: ['Noa'],
    areas: ['Warehouse'],
    focusItems: [{ focusType: 'SCORE', focusId: 'balance' }],
    dueInDays: 21,
    steps: ['IN_PROGRESS'],
  },
  {
    title: 'Repair the heating in hall 2',
    description: 'It was 14 °C last January. The landlord has agreed to pay half.',
    assignees: ['Noa', 'Ana'],
    areas: ['Warehouse'],
    focusItems: [{ focusType: 'SCORE', focusId: 'workplace' }, { focusType: 'HI' }],
    dueInDays: 10,
    note: 'Offer received, 3 % under budget; work begins on the 1st.',
    steps: ['IN_PROGRESS'],
  },
  {
    title: 'Training budget that people can see',
    description: '800 € a head, who spent what on which course, on one page.',
    assignees: ['Ana'],
    areas: [],
    focusItems: [{ focusType: 'SCORE', focusId: 'development' }, { focusType: 'ENPS' }],
    dueInDays: 30,
    origin: 'SUGGESTION',
    steps: ['COMPLETED'],
  },
  {
    title: 'Feedback training for everyone who leads people',
    description: 'Half a day, in groups of eight, with cases of our own.',
    assignees: ['Marc', 'Noa'],
    areas: ['Customer care', 'Platform'],
    focusItems: [{ focusType: 'SCORE', focusId: 'leadership' }],
    dueInDays: 60,
    origin: 'AI',
    steps: [],
  },
  {
    title: 'On-call duty that is paid and ends',
    description: 'One week in six at most, a day off after a night with calls.',
    assignees: ['Marc'],
    areas: ['Platform'],
    focusItems: [{ focusType: 'SCORE', focusId: 'workload' }],
    dueInDays: 45,
    note: 'Draft agreed with the works council.',
    steps: ['IN_PROGRESS', 'COMPLETED'],
  },
  {
    title: 'Ask leavers why, and publish the answers',
    description: 'Exit talks by somebody outside the team; a summary each half-year.',
    assignees: ['Ana'],
    areas: [],
    focusItems: [{ focusType: 'ENPS' }],
    dueInDays: 90,
    steps: [],
  },
  {
    title: 'Canteen: opening hours for the late shift',
    description: 'Until 21:30 on working days.',
    assignees: ['Noa'],
    areas: ['Warehouse', 'Customer care'],
    focusItems: [{ focusType: 'HI' }],
    note: 'The caterer will not do it under sixty meals. Vouchers instead, as an action of its own.',
    steps: ['CANCELLED'],
  },
  {
    title: 'Promotion rounds with written reasons',
    description:
      'Each decision in three sentences, also when it is a no. En español también: «con sus motivos».',
    assignees: ['Ana', 'Marc'],
    areas: [],
    focusItems: [{ focusType: 'SCORE', focusId: 'fairness' }],
    dueInDays: 75,
    steps: [],
  },
  {
    title: 'Second, short survey before the holidays',
    description: 'The same five questions, to see whether any of this was noticed.',
    assignees: ['Ana'],
    areas: [],
    focusItems: [{ focusType: 'ENPS' }, { focusType: 'HI' }],
    dueInDays: 28,
    steps: ['IN_PROGRESS', 'COMPLETED'],
  },
]
