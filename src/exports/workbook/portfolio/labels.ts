/** The words of the portfolio's workbook in every language, and the keys by which its template names them. Pure. */
import { SHEET_COLUMNS } from '../../../actions/sheet-columns.ts'
import type { Locale } from '../../../db/enums.ts'
import { type Labels, labelsOf } from '../labels.ts'

const english = {
  overview: 'Overview',
  plans: 'Plans',
  actions: 'Actions',
  portfolio: 'Portfolio',
  title: 'All action plans',
  filtered: 'Filtered by',
  completion: 'Completion',
  overdue: 'Overdue',
  dueSoon: 'Due within 30 days',
  byStatus: 'By status',
  byArea: 'By area',
  byMonth: 'By month',
  status: 'Status',
  area: 'Area',
  areaActions: 'Actions',
  completed: 'Completed',
  month: 'Month',
  due: 'Due',
  days: 'Days',
  plan: 'Plan',
  action: 'Action',
  assignees: 'Assignees',
  total: 'Total',
  needsAttention: 'Needs attention',
  notStarted: 'Not started',
  nothing: 'None',
  planId: 'Plan ID',
  visibility: 'Visibility',
  createdBy: 'Created by',
  created: 'Created',
  nextDue: 'Next due',
  yes: 'Yes',
  no: 'No',
  overdueOnly: 'overdue',
  notOverdue: 'not overdue',
  legacyPlan: 'Not recorded',
  areaNote:
    'With everything inside each area; an action counts once in each. Actions without an area are in none.',
  planCount: (count: string, one: boolean) => `${count} ${one ? 'plan' : 'plans'}`,
  actionCount: (count: string, one: boolean) => `${count} ${one ? 'action' : 'actions'}`,
  contents: (plans: string, actions: string) =>
    `${plans} and ${actions}: what is shown and counted is what you may read.`,
  volume: (file: string, files: string, first: string, last: string) =>
    `File ${file} of ${files}: the table of actions has rows ${first} to ${last}; overview and plans are whole.`,
  exported: (when: string, name: string, zone: string) =>
    `Exported ${when} by ${name}. Times are in ${zone}.`,
  more: (count: string) => `and ${count} more`,
}

type PortfolioWords = typeof english

const spanish: PortfolioWords = {
  overview: 'Panorama',
  plans: 'Planes',
  actions: 'Acciones',
  portfolio: 'Cartera',
  title: 'Todos los planes de acción',
  filtered: 'Filtrado por',
  completion: 'Progreso',
  overdue: 'Con retraso',
  dueSoon: 'Próximos 30 días',
  byStatus: 'Por estado',
  byArea: 'Por área',
  byMonth: 'Por mes',
  status: 'Estado',
  area: 'Área',
  areaActions: 'Acciones',
  completed: 'Completadas',
  month: 'Mes',
  due: 'Fecha límite',
  days: 'Días',
  plan: 'Plan',
  action: 'Acción',
  assignees: 'Responsables',
  total: 'Total',
  needsAttention: 'Requiere atención',
  notStarted: 'Sin iniciar',
  nothing: 'Ninguna',
  planId: 'ID del plan',
  visibility: 'Visibilidad',
  createdBy: 'Creado por',
  created: 'Creado el',
  nextDue: 'Próxima fecha límite',
  yes: 'Sí',
  no: 'No',
  overdueOnly: 'con retraso',
  notOverdue: 'sin retraso',
  legacyPlan: 'No consta',
  areaNote:
    'Cada área incluye las que contiene; una acción cuenta una vez en cada una. Las acciones sin área no cuentan en ninguna.',
  planCount: (count, one) => `${count} ${one ? 'plan' : 'planes'}`,
  actionCount: (count, one) => `${count} ${one ? 'acción' : 'acciones'}`,
  contents: (plans, actions) => `${plans} y ${actions}: se muestra y se cuenta lo que puedes leer.`,
  volume: (file, files, first, last) =>
    `Archivo ${file} de ${files}: la tabla de acciones contiene las filas ${first} a ${last}; el panorama y los planes están completos.`,
  exported: (when, name, zone) => `Exportado el ${when} por ${name}. Zona horaria: ${zone}.`,
  more: (count) => `y ${count} más`,
}

const WORDS: Record<Locale, PortfolioWords> = { en: english, es: spanish }

/** The words of a language, with those that all workbooks share. */
export interface PortfolioLabels {
  own: PortfolioWords
  shared: Labels
}

export function portfolioLabels(locale: Locale): PortfolioLabels {
  return { own: WORDS[locale], shared: labelsOf(locale) }
}

/** The word for a key in the template: `due`, `status.COMPLETED`, `column.planId`. Throws if there is none. */
export function portfolioLabel(locale: Locale, key: string): string {
  const { own, shared } = portfolioLabels(locale)
  const [group = '', name = ''] = key.split('.')
  const columns = Object.fromEntries(
    Object.entries(SHEET_COLUMNS).map(([column, words]) => [column, words[locale]]),
  )
  const words: Record<string, unknown> = name === '' ? own : group === 'status' ? shared.statuses : columns
  const word = words[name === '' ? group : name]
  if (typeof word !== 'string') throw new Error(`the portfolio's template asks for an unknown label: ${key}`)
  return word
}
