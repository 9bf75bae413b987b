/** Examples for the reference: the people and areas of the demo data (platform/demo.ts). */
import { DEMO } from '../platform/demo.ts'
import type {
  CompanyPatch,
  CompanyView,
  HierarchyPatch,
  HierarchyView,
  MePatch,
  NewHierarchy,
  NewUser,
  UserPatch,
  UserView,
} from './schemas.ts'

export const exampleCompany: CompanyView = {
  id: DEMO.company,
  name: 'Acme',
  timeZone: 'Europe/Madrid',
  language: 'en',
  accentColor: '#1d4ed8',
}

export const exampleCompanyPatch: CompanyPatch = {
  name: 'Acme',
  timeZone: 'Europe/Madrid',
  language: 'en',
  accentColor: '#1d4ed8',
}

export const exampleMe: UserView = {
  id: DEMO.ana,
  email: 'ana@acme.test',
  name: 'Ana García',
  role: 'ADMIN',
  active: true,
  language: 'en',
  reminders: true,
  createdAt: '2026-06-01T09:00:00.000Z',
}

export const exampleMePatch: MePatch = { name: 'Ana García', language: 'en', reminders: true }

export const exampleUser: UserView = {
  ...exampleMe,
  id: DEMO.eli,
  email: 'eli@acme.test',
  name: 'Eli Novak',
  role: 'EMPLOYEE',
  language: null,
}

export const exampleErasedUser: UserView = {
  ...exampleMe,
  id: DEMO.former,
  email: `erased-${DEMO.former}@erased.invalid`,
  name: 'Former colleague',
  role: 'MANAGER',
  active: false,
  language: null,
}

export const exampleNewUser: NewUser = { email: 'ines@acme.test', name: 'Inés Prat', role: 'MANAGER' }

export const exampleCreatedUser: UserView = {
  ...exampleMe,
  ...exampleNewUser,
  id: '6ac9f0104d0b63f1a7c2e958',
  language: null,
  createdAt: '2026-10-10T08:30:40.000Z',
}

export const exampleUserPatch: UserPatch = { name: 'Eli Novak', role: 'EMPLOYEE', active: true }

export const exampleArea: HierarchyView = {
  id: DEMO.area,
  name: 'Technology',
  parentId: DEMO.wholeCompany,
  childCount: 2,
}

export const exampleNewArea: NewHierarchy = { name: 'Quality', parentId: DEMO.area }

export const exampleCreatedArea: HierarchyView = {
  id: '6ac9f02d90e5b7316f4ad8c2',
  name: 'Quality',
  parentId: DEMO.area,
  childCount: 0,
}

export const exampleAreaPatch: HierarchyPatch = { name: 'Technology' }
