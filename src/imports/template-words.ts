/** The words of the import's template in every language. Pure. */
import type { SheetColumn } from '../actions/sheet-columns.ts'
import type { Locale } from '../db/enums.ts'

export interface TemplateWords {
  fileName: string
  actions: string
  readMe: string
  lists: string
  title: string
  column: string
  meaning: string
  people: string
  /** What to know before anything is written. */
  rules: readonly string[]
  /** What each column takes; a column without a text is not read. */
  columns: Partial<Record<SheetColumn, string>>
  notRead: string
  /** Action ID of the example, which is left out when the file is imported. */
  exampleId: string
  example: Partial<Record<SheetColumn, string>>
}

const english: TemplateWords = {
  fileName: 'action-plans-template.xlsx',
  actions: 'Actions',
  readMe: 'Read me',
  lists: 'Lists',
  title: 'How to import plans and actions',
  column: 'Column',
  meaning: 'What to write',
  people: 'People',
  rules: [
    'Write one action a row in the sheet Actions, with its plan beside it. A row with a plan alone makes a plan without actions.',
    'The file is checked first. Only when there is no error is it stored, all of it or nothing.',
    'What exists already is left as it is: the same file twice changes nothing.',
    'Only Plan and Action must be filled in. Several people, areas or focus items in one cell are separated by semicolons; one that has a semicolon in it stands in "double quotes".',
    'Columns may be left out or stand in another order; formulas are not read: paste their values. Hidden rows are imported too. At most 2,000 actions and 5 MB; what is more goes into further files.',
    'The example row, whose Action ID is EXAMPLE, is not imported.',
  ],
  columns: {
    planId:
      'Your own id for the plan, or the id of a plan that exists. Without one, the plan is known by its title.',
    plan: 'Title of the plan, the same in each of its rows.',
    planVisibility: 'Public or Private; Private when empty. The same in each row of a plan.',
    actionId: 'Your own id for the action. Without one, the action is known by its plan and title.',
    title: 'Title of the action, up to 200 characters.',
    description: 'Up to 5,000 characters.',
    planDescription:
      'Up to 5,000 characters. One row of each plan is enough; an export has it in the first of each file. A plan that exists keeps its own: if you copy rows into several files, import the one with that row first.',
    actionType: 'Manager, which is also meant by an empty cell, or Company, which only an ADMIN imports.',
    origin: 'Manual, which is also meant by an empty cell, Suggestion or AI.',
    visibility:
      'Public or Private; when empty or the same as that of the plan, the action follows its plan, also when that changes.',
    status:
      'One state for all assignees, also of an export, where each may have had another one; Not started when empty. Expired needs a due date that has passed.',
    assigneeEmails: 'E-mail addresses of active company managers; yours when empty.',
    areas:
      'Paths from the top, such as Operations / Warehouse, or names that no other area has. Empty: the whole company.',
    focus: 'Score: and an id, HI, or eNPS.',
    dueDate: 'A date, which lasts until its end in the time zone of the company, or a date and time.',
    startedAt: 'When the action was started; when it was created if empty.',
    finishedAt: 'When it was completed or cancelled; now if empty.',
    createdByEmail: 'Who created the action: somebody else only if you are an ADMIN.',
    createdAt: 'When it was created; now if empty.',
  },
  notRead: 'Not read: it follows from the other columns.',
  exampleId: 'EXAMPLE',
  example: {
    plan: 'A better first ninety days',
    planVisibility: 'Public',
    actionId: 'EXAMPLE',
    title: 'Laptop and accounts ready on day one',
    description: 'Order two weeks ahead.',
    status: 'Not started',
    focus: 'Score: tools; HI',
  },
}

const spanish: TemplateWords = {
  fileName: 'plantilla-planes-de-accion.xlsx',
  actions: 'Acciones',
  readMe: 'Léeme',
  lists: 'Listas',
  title: 'Cómo importar planes y acciones',
  column: 'Columna',
  meaning: 'Qué escribir',
  people: 'Personas',
  rules: [
    'Escribe una acción por fila en la hoja Acciones, con su plan al lado. Una fila que solo tiene plan crea un plan sin acciones.',
    'Primero se comprueba el archivo. Solo se guarda si no hay errores: entero o nada.',
    'Lo que ya existe se deja como está: el mismo archivo dos veces no cambia nada.',
    'Solo Plan y Acción son obligatorios. Varias personas, áreas o enfoques en una celda se separan con punto y coma; si uno lleva un punto y coma, va "entre comillas dobles".',
    'Las columnas pueden faltar o estar en otro orden; las fórmulas no se leen: pega sus valores. También se importan las filas ocultas. Como máximo 2.000 acciones y 5 MB; lo demás, en otros archivos.',
    'La fila de ejemplo, cuyo ID de la acción es EJEMPLO, no se importa.',
  ],
  columns: {
    planId:
      'Tu propio identificador del plan, o el de un plan que existe. Sin él, el plan se reconoce por su título.',
    plan: 'Título del plan, igual en todas sus filas.',
    planVisibility: 'Público o Privado; Privado si está vacía. Igual en todas las filas del plan.',
    actionId: 'Tu propio identificador de la acción. Sin él, la acción se reconoce por su plan y su título.',
    title: 'Título de la acción, hasta 200 caracteres.',
    description: 'Hasta 5.000 caracteres.',
    planDescription:
      'Hasta 5.000 caracteres. Basta con una fila de cada plan; una exportación la trae en la primera de cada archivo. Un plan que ya existe conserva la suya: si copias filas en varios archivos, importa antes el que tiene esa fila.',
    actionType:
      'Gestor, que es también lo que significa una celda vacía, o Empresa, que solo importa un ADMIN.',
    origin: 'Manual, que es también lo que significa una celda vacía, Sugerencia o IA.',
    visibility:
      'Público o Privado; si está vacía o es la del plan, la acción sigue a su plan, también cuando este cambia.',
    status:
      'Un estado para todos los responsables, también el de una exportación, donde cada uno podía tener otro; Sin iniciar si está vacía. Vencida necesita una fecha límite pasada.',
    assigneeEmails: 'Correos de responsables activos de la empresa; el tuyo si está vacía.',
    areas:
      'Rutas desde arriba, como Operaciones / Almacén, o nombres que no tiene otra área. Vacía: toda la empresa.',
    focus: 'Puntuación: y un identificador, HI o eNPS.',
    dueDate: 'Una fecha, que vale hasta su final en la zona horaria de la empresa, o fecha y hora.',
    startedAt: 'Cuándo se inició la acción; cuando se creó si está vacía.',
    finishedAt: 'Cuándo se completó o canceló; ahora si está vacía.',
    createdByEmail: 'Quién creó la acción: otra persona solo si eres ADMIN.',
    createdAt: 'Cuándo se creó; ahora si está vacía.',
  },
  notRead: 'No se lee: se deduce de las otras columnas.',
  exampleId: 'EJEMPLO',
  example: {
    plan: 'Unos mejores primeros noventa días',
    planVisibility: 'Público',
    actionId: 'EJEMPLO',
    title: 'Portátil y cuentas listos el primer día',
    description: 'Pedir con dos semanas de antelación.',
    status: 'Sin iniciar',
    focus: 'Puntuación: herramientas; HI',
  },
}

const WORDS: Record<Locale, TemplateWords> = { en: english, es: spanish }

export function templateWords(locale: Locale): TemplateWords {
  return WORDS[locale]
}
