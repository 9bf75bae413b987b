/** The workbook's own words in every language, and the keys by which the template names them. */
import type { ActionType, FocusType, Locale, Origin, Status, Visibility } from '../../db/enums.ts'

/** The workbook's own words; `{{label.<key>}}` in the template stands for one of them. */
const english = {
  sheetName: 'Summary',
  /** Excel's code for the language in which dates are shown. */
  dateLocale: '[$-409]',
  actionPlan: 'Action plan',
  completion: 'Completion',
  actionsByStatus: 'Actions by status',
  aboutExport: 'About this export',
  overdueActions: 'overdue',
  total: 'Total',
  visibility: 'Visibility',
  createdBy: 'Created by',
  created: 'Created',
  exported: 'Exported',
  exportedBy: 'Exported by',
  timesIn: 'Times are in',
  number: '#',
  action: 'Action',
  type: 'Type',
  status: 'Status',
  assignees: 'Assignees',
  areas: 'Areas',
  focus: 'Focus',
  due: 'Due',
  overdue: 'Overdue',
  notOverdue: 'No',
  started: 'Started',
  finished: 'Finished',
  notes: 'Notes',
  volume: 'File',
  backToSummary: '← Back to Summary',
  details: 'Details',
  origin: 'Origin',
  updated: 'Updated',
  description: 'Description',
  name: 'Name',
  account: 'Account',
  executionNotes: 'Execution notes',
  when: 'When',
  author: 'Author',
  note: 'Note',
  legacyPlan: 'Legacy plan, no recorded creator',
  noRecordedCreator: 'Not recorded',
  companyWide: 'Whole company',
  noDescription: 'No description.',
  noNotes: 'No execution notes yet.',
  noActions: 'This plan has no actions yet.',
  noVisibleActions: 'This plan has no actions that you may read.',
  planDescriptionInFull: 'Plan description in full',
  active: 'Active',
  inactive: 'Inactive',
  statuses: {
    NOT_STARTED: 'Not started',
    IN_PROGRESS: 'In progress',
    COMPLETED: 'Completed',
    CANCELLED: 'Cancelled',
    EXPIRED: 'Expired',
  } satisfies Record<Status, string>,
  visibilities: {
    PUBLIC: 'Public: all company managers',
    PRIVATE: 'Private',
  } satisfies Record<Visibility, string>,
  actionTypes: { MANAGER: 'Manager', COMPANY: 'Company' } satisfies Record<ActionType, string>,
  origins: { MANUAL: 'Manual', SUGGESTION: 'Suggestion', AI: 'AI' } satisfies Record<Origin, string>,
  focusTypes: { SCORE: 'Score', HI: 'HI', ENPS: 'eNPS' } satisfies Record<FocusType, string>,
  completedOf: (completed: string, all: string) => `${completed} of ${all} actions completed`,
  completedOfVisible: (completed: string, visible: string) =>
    `${completed} of ${visible} visible actions completed`,
  contains: (count: string, one: boolean) =>
    one
      ? 'This file contains 1 action, on its own sheet.'
      : `This file contains ${count} actions, each on its own sheet.`,
  containsVolume: (file: string, files: string, first: string, last: string, count: string) =>
    `File ${file} of ${files}: the table lists all ${count} actions, the sheets of actions ${first} to ${last} are in this file.`,
  hidden: "Actions that aren't visible to you count towards the percentage too.",
  position: (position: string, all: string) => `Action ${position} of ${all}`,
}

/** The words of one language. */
export type Labels = typeof english

const spanish: Labels = {
  sheetName: 'Resumen',
  dateLocale: '[$-C0A]',
  actionPlan: 'Plan de acción',
  completion: 'Progreso',
  actionsByStatus: 'Acciones por estado',
  aboutExport: 'Sobre esta exportación',
  overdueActions: 'con retraso',
  total: 'Total',
  visibility: 'Visibilidad',
  createdBy: 'Creado por',
  created: 'Creado el',
  exported: 'Exportado el',
  exportedBy: 'Exportado por',
  timesIn: 'Zona horaria',
  number: 'N.º',
  action: 'Acción',
  type: 'Tipo',
  status: 'Estado',
  assignees: 'Responsables',
  areas: 'Áreas',
  focus: 'Enfoque',
  due: 'Fecha límite',
  overdue: 'Con retraso',
  notOverdue: 'No',
  started: 'Inicio',
  finished: 'Fin',
  notes: 'Notas',
  volume: 'Archivo',
  backToSummary: '← Volver al resumen',
  details: 'Detalles',
  origin: 'Origen',
  updated: 'Actualizado el',
  description: 'Descripción',
  name: 'Nombre',
  account: 'Cuenta',
  executionNotes: 'Notas de ejecución',
  when: 'Fecha',
  author: 'Autor',
  note: 'Nota',
  legacyPlan: 'Plan heredado, sin creador registrado',
  noRecordedCreator: 'No consta',
  companyWide: 'Toda la empresa',
  noDescription: 'Sin descripción.',
  noNotes: 'Todavía no hay notas de ejecución.',
  noActions: 'Este plan todavía no tiene acciones.',
  noVisibleActions: 'Este plan no tiene acciones que puedas leer.',
  planDescriptionInFull: 'Descripción completa del plan',
  active: 'Activa',
  inactive: 'Inactiva',
  statuses: {
    NOT_STARTED: 'Sin iniciar',
    IN_PROGRESS: 'En curso',
    COMPLETED: 'Completada',
    CANCELLED: 'Cancelada',
    EXPIRED: 'Vencida',
  },
  visibilities: { PUBLIC: 'Público: toda la dirección', PRIVATE: 'Privado' },
  actionTypes: { MANAGER: 'Gestor', COMPANY: 'Empresa' },
  origins: { MANUAL: 'Manual', SUGGESTION: 'Sugerencia', AI: 'IA' },
  focusTypes: { SCORE: 'Puntuación', HI: 'HI', ENPS: 'eNPS' },
  completedOf: (completed, all) => `${completed} de ${all} acciones completadas`,
  completedOfVisible: (completed, visible) => `${completed} de ${visible} acciones visibles completadas`,
  contains: (count, one) =>
    one
      ? 'Este archivo contiene 1 acción, en su propia hoja.'
      : `Este archivo contiene ${count} acciones, cada una en su propia hoja.`,
  containsVolume: (file, files, first, last, count) =>
    `Archivo ${file} de ${files}: la tabla muestra las ${count} acciones; las hojas de la ${first} a la ${last} están en este archivo.`,
  hidden: 'Para el porcentaje cuentan también acciones que no son visibles para ti.',
  position: (position, all) => `Acción ${position} de ${all}`,
}

const LABELS: Record<Locale, Labels> = { en: english, es: spanish }

/** The words of a language. */
export function labelsOf(locale: Locale): Labels {
  return LABELS[locale]
}

/** The word for a key in the template, such as `due` or `status.COMPLETED`. Throws if there is none. */
export function labelOf(labels: Labels, key: string): string {
  const words: Record<string, unknown> = key.startsWith('status.') ? labels.statuses : labels
  const word = words[key.replace(/^status\./, '')]
  if (typeof word !== 'string') throw new Error(`template.xlsx asks for an unknown label: ${key}`)
  return word
}
