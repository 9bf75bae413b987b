/**
 * The columns of the flat sheet "Actions", a row an action: in this order in the portfolio's workbook and in the template of
 * an import, and by their headers, in any order and in either language, in a sheet that is imported.
 */
import type { Locale } from '../db/enums.ts'

export const SHEET_COLUMNS = {
  planId: { en: 'Plan ID', es: 'ID del plan' },
  plan: { en: 'Plan', es: 'Plan' },
  planVisibility: { en: 'Plan visibility', es: 'Visibilidad del plan' },
  actionId: { en: 'Action ID', es: 'ID de la acción' },
  title: { en: 'Action', es: 'Acción' },
  description: { en: 'Description', es: 'Descripción' },
  planDescription: { en: 'Plan description', es: 'Descripción del plan' },
  actionType: { en: 'Type', es: 'Tipo' },
  origin: { en: 'Origin', es: 'Origen' },
  visibility: { en: 'Visibility', es: 'Visibilidad' },
  status: { en: 'Status', es: 'Estado' },
  completion: { en: 'Completion', es: 'Progreso' },
  overdue: { en: 'Overdue', es: 'Con retraso' },
  assignees: { en: 'Assignees', es: 'Responsables' },
  assigneeEmails: { en: 'Assignee e-mails', es: 'Correos de los responsables' },
  assigneeIds: { en: 'Assignee IDs', es: 'ID de los responsables' },
  areas: { en: 'Areas', es: 'Áreas' },
  areaIds: { en: 'Area IDs', es: 'ID de las áreas' },
  focus: { en: 'Focus', es: 'Enfoque' },
  dueDate: { en: 'Due', es: 'Fecha límite' },
  startedAt: { en: 'Started', es: 'Inicio' },
  finishedAt: { en: 'Finished', es: 'Fin' },
  noteCount: { en: 'Notes', es: 'Notas' },
  createdBy: { en: 'Created by', es: 'Creado por' },
  createdByEmail: { en: 'Creator e-mail', es: 'Correo del creador' },
  createdAt: { en: 'Created', es: 'Creado el' },
  updatedAt: { en: 'Updated', es: 'Actualizado el' },
} as const satisfies Record<string, Record<Locale, string>>

export type SheetColumn = keyof typeof SHEET_COLUMNS

/** What stands between the names of an area's path, from the top: `Operations / Warehouse`. */
export const PATH_SEPARATOR = ' / '

/** A path is cut to about this many characters: an area may lie inside thousands of others. */
const LONGEST_PATH = 2_000

/** The path of an area as a sheet shows it. @param above that of the area that it lies in; null at the top */
export function pathBelow(above: string | null, name: string): string {
  return above === null ? name : `${above.slice(0, LONGEST_PATH)}${PATH_SEPARATOR}${name}`
}
