/** Who may import whom. Paths are regular expressions. */
const FOUNDATIONS = 'platform|db|mail|jobs|directory'
const FEATURES = `^src/(?!(${FOUNDATIONS})/)[^/]+/`

/** Which other features each feature may use; whatever is not named may use none. */
const USES = {
  access: [],
  actions: ['access'],
  'action-plans': ['access', 'actions'],
  history: ['access'],
  calendar: ['access', 'actions', 'people'],
  people: [],
  sessions: ['people'],
  reassignments: ['access', 'actions', 'people'],
  webhooks: ['access', 'history'],
  reminders: ['access', 'actions'],
  portfolio: ['actions', 'action-plans'],
  exports: ['access', 'actions', 'action-plans', 'portfolio', 'webhooks'],
  erasure: ['exports', 'people', 'reassignments', 'webhooks'],
  imports: ['access', 'actions', 'action-plans', 'exports', 'people'],
  'personal-data': ['actions', 'exports', 'history', 'people', 'reminders', 'webhooks'],
  service: [],
}

/** Plain data in, plain data out: no database, network, clock or chance. */
const PURE = [
  '^src/[^/]+/(policy|lifecycle|facets|change|view|weight|tree|codes|email|failures|files|links|range|against-stored|as-read|due-date|own-visibility|key-lifetime|key-view|receiver-url|secrets|event|rhythm|icalendar|morning|wording|roll-up|months|sheet-(columns|lists)|portfolio-words)\\.ts$',
  '^src/exports/workbook/',
  '^src/imports/workbook/',
  '^src/imports/(areas|codes|complaints|creators|drafts|moments|ndjson|new-actions|people|reading|rows|schemas|setting|error-list|sizes|sheet|sheet-(cells|header|plans)|sought|states|valid-parts|template|template-parts|template-words)\\.ts$',
  '^src/mail/(html|bidi|phrase|layout)\\.ts$',
]
/** Of the platform, what only computes. */
const COMPUTES =
  '^src/platform/(color|entity-tag|hash|ids|limits|problem|public-host|local-host|text|time|time-zone|known-members|schemas|suggestion)\\.ts$'

const oneDirection = Object.entries(USES).map(([feature, used]) => ({
  name: `${feature}-uses-only-what-lies-below`,
  severity: 'error',
  from: { path: `^src/${feature}/` },
  to: { path: FEATURES, pathNot: [feature, ...used].map((name) => `^src/${name}/`) },
}))

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'only-routes-know-hono',
      comment: 'The rest of a feature takes plain data and does not see HTTP.',
      severity: 'error',
      from: { path: FEATURES, pathNot: 'routes\\.ts$' },
      to: { path: 'node_modules/(hono|@hono)/' },
    },
    {
      name: 'only-stores-know-sql',
      comment:
        'Company scope is kept inside the store; filter.ts writes its conditions. Queries live nowhere else.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['(store|filter)\\.ts$', '^src/(db|platform)/'] },
      to: { path: ['node_modules/drizzle-orm/', '^src/db/schema\\.ts$'] },
    },
    ...oneDirection,
    {
      name: 'pure-rooms-stay-pure',
      comment: 'Types may come from anywhere. Ids, clocks and keys are handed in.',
      severity: 'error',
      from: { path: PURE },
      to: {
        path: '^(src/|cloudflare:)',
        pathNot: [...PURE, COMPUTES, '^src/db/enums\\.ts$', '\\.xlsx$'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'handlers-decide-nothing',
      comment: 'A handler is valid input, verb, answer.',
      severity: 'error',
      from: { path: '^src/.*routes\\.ts$' },
      to: { path: '(store|change|policy)\\.ts$' },
    },
    {
      name: 'foundations-know-no-feature',
      severity: 'error',
      from: { path: '^src/(platform|db|mail|jobs|directory)/' },
      to: { path: FEATURES },
    },
    {
      name: 'no-routes-of-others',
      severity: 'error',
      from: { path: FEATURES },
      to: { path: '^src/[^/]+/[a-z-]*routes\\.ts$' },
    },
    {
      name: 'product-knows-no-tooling',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(scripts|test)/' },
    },
    {
      name: 'product-needs-no-dev-dependency',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
      conditionNames: ['import', 'default'],
    },
  },
}
