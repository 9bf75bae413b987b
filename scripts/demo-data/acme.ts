import { DEMO } from '../../src/platform/demo.ts'
import type { DemoCompany, DemoPlan } from './content.ts'

const ONBOARDING: DemoPlan = {
  id: DEMO.plan,
  title: 'A better first ninety days',
  description:
    'New joiners told us that the first weeks feel improvised. By the end of the quarter everyone starts with a plan, a buddy and working tools.',
  visibility: 'PUBLIC',
  creator: 'ana',
  createdDay: -40,
  actions: [
    {
      title: 'Write a ninety-day plan for each role',
      description: 'One page per role: what to learn, whom to meet, what to deliver in weeks 1, 4, 8 and 12.',
      creator: 'ana',
      createdDay: -39,
      dueDay: -5,
      areas: ['Technology', 'Operations'],
      focus: [{ type: 'SCORE', id: 'onboarding' }],
      assignees: [
        { name: 'marc', status: 'COMPLETED', startedDay: -35, finishedDay: -12 },
        { name: 'noa', status: 'COMPLETED', startedDay: -30, finishedDay: -9 },
      ],
      notes: [
        { author: 'marc', day: -20, text: 'Engineering and data are done; support follows this week.' },
        { author: 'noa', day: -9, text: 'All eight roles are in the handbook now.' },
      ],
    },
    {
      id: DEMO.action,
      title: 'Laptop and accounts ready on day one',
      description: 'Order two weeks ahead; the checklist lives with the service desk.',
      creator: 'ana',
      createdDay: -38,
      dueDay: 60,
      areas: ['Technology'],
      focus: [{ type: 'SCORE', id: 'tools' }, { type: 'HI' }],
      assignees: [{ name: 'marc', status: 'IN_PROGRESS', startedDay: -18 }],
      notes: [
        {
          id: DEMO.spareNote,
          author: 'ana',
          day: -16,
          text: 'Two laptops are left over from last year.',
        },
        {
          id: DEMO.note,
          author: 'marc',
          day: -6,
          text: 'Supplier confirmed; four of six machines arrived.',
        },
      ],
    },
    {
      title: 'A buddy for every new joiner',
      description: 'Someone outside the line, one hour a week for three months.',
      creator: 'ana',
      createdDay: -36,
      dueDay: -3,
      origin: 'SUGGESTION',
      focus: [{ type: 'ENPS' }],
      assignees: [
        { name: 'noa', status: 'IN_PROGRESS', startedDay: -25 },
        { name: 'ana', status: 'COMPLETED', startedDay: -30, finishedDay: -15 },
      ],
      notes: [{ author: 'noa', day: -10, text: 'Nine volunteers so far, mostly from Customer care.' }],
    },
    {
      id: DEMO.spareAction,
      title: 'Welcome lunch with the whole team',
      description: '',
      creator: 'noa',
      createdDay: -30,
      dueDay: 45,
      areas: ['Customer care'],
      assignees: [{ name: 'noa', status: 'NOT_STARTED' }],
    },
    {
      title: 'Survey after thirty days',
      description: 'Five questions, anonymous, results to the whole company.',
      creator: 'ana',
      createdDay: -28,
      type: 'COMPANY',
      origin: 'AI',
      focus: [{ type: 'HI' }, { type: 'ENPS' }],
      assignees: [{ name: 'ana', status: 'CANCELLED', finishedDay: -14 }],
      notes: [{ author: 'ana', day: -14, text: 'The yearly survey asks the same; one survey is enough.' }],
    },
  ],
}

const RECOGNITION: DemoPlan = {
  id: DEMO.sparePlan,
  title: 'Recognition that people notice',
  description: 'Good work is seen and said aloud: in the team meeting, in writing and in pay.',
  visibility: 'PUBLIC',
  creator: 'marc',
  createdDay: -21,
  actions: [
    {
      title: 'Five minutes of thanks in each weekly meeting',
      description: 'Anyone may thank anyone. The facilitator keeps the time.',
      creator: 'marc',
      createdDay: -21,
      areas: ['Platform', 'Data'],
      focus: [{ type: 'SCORE', id: 'recognition' }],
      assignees: [{ name: 'marc', status: 'COMPLETED', startedDay: -20, finishedDay: -2 }],
      notes: [
        { author: 'marc', day: -13, text: 'Two weeks in: it takes three minutes and people prepare for it.' },
      ],
    },
    {
      title: 'Publish the criteria for promotion',
      description: 'Levels, examples and who decides, in English and Spanish: «criterios de promoción».',
      creator: 'marc',
      createdDay: -19,
      dueDay: 60,
      type: 'MANAGER',
      focus: [{ type: 'SCORE', id: 'career' }, { type: 'ENPS' }],
      assignees: [
        { name: 'ana', status: 'IN_PROGRESS', startedDay: -8 },
        { name: 'marc', status: 'NOT_STARTED' },
      ],
    },
    {
      title: 'Quarterly award chosen by peers',
      description: 'Small, public and never for the same person twice in a year.',
      creator: 'noa',
      createdDay: -12,
      dueDay: 30,
      areas: ['Operations', 'Warehouse'],
      assignees: [
        { name: 'noa', status: 'NOT_STARTED' },
        { name: 'marc', status: 'NOT_STARTED' },
      ],
    },
    {
      title: 'Review pay gaps before the next round',
      description: 'Figures stay between the two of us until they are checked.',
      creator: 'marc',
      createdDay: -10,
      dueDay: 14,
      visibility: 'PRIVATE',
      focus: [{ type: 'SCORE', id: 'fairness' }],
      assignees: [{ name: 'ana', status: 'IN_PROGRESS', startedDay: -7 }],
      notes: [{ author: 'ana', day: -4, text: 'Data requested from payroll.' }],
    },
  ],
}

const LEGACY: DemoPlan = {
  title: 'Legacy plan',
  description: 'Imported from the former tool; nobody is on record as its author.',
  visibility: 'PRIVATE',
  creator: null,
  createdDay: -100,
  actions: [
    {
      title: 'Quiet rooms on each floor',
      description: 'Two rooms that cannot be booked.',
      creator: null,
      createdDay: -100,
      visibility: 'PUBLIC',
      areas: ['Acme'],
      assignees: [{ name: 'noa', status: 'COMPLETED', startedDay: -95, finishedDay: -70 }],
    },
    {
      title: 'Flexible hours in the warehouse',
      description: 'Shifts can be swapped in the app until the evening before.',
      creator: null,
      createdDay: -99,
      visibility: 'PUBLIC',
      areas: ['Warehouse'],
      focus: [{ type: 'SCORE', id: 'balance' }],
      assignees: [{ name: 'noa', status: 'IN_PROGRESS', startedDay: -60 }],
      notes: [{ author: 'noa', day: -50, text: 'Pilot on the late shift works well.' }],
    },
  ],
}

export const ACME: DemoCompany = {
  id: DEMO.company,
  name: 'Acme',
  timeZone: 'Europe/Madrid',
  people: [
    { id: DEMO.ana, email: 'ana@acme.test', name: 'Ana García', role: 'ADMIN' },
    { id: DEMO.marc, email: 'marc@acme.test', name: 'Marc Oliver', role: 'MANAGER' },
    { id: DEMO.noa, email: 'noa@acme.test', name: 'Noa Levi', role: 'MANAGER' },
    { id: DEMO.eli, email: 'eli@acme.test', name: 'Eli Novak', role: 'EMPLOYEE' },
  ],
  areas: [
    { id: DEMO.wholeCompany, name: 'Acme' },
    { name: 'Operations', parent: 'Acme' },
    { name: 'Warehouse', parent: 'Operations' },
    { name: 'Customer care', parent: 'Operations' },
    { id: DEMO.area, name: 'Technology', parent: 'Acme' },
    { name: 'Platform', parent: 'Technology' },
    { name: 'Data', parent: 'Technology' },
    { id: DEMO.spareArea, name: 'Pop-up shop', parent: 'Operations' },
  ],
  plans: [LEGACY, ONBOARDING, RECOGNITION],
}
