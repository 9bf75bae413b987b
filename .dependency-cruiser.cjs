/** Who may import whom. Paths are regular expressions. */
const FEATURES = '^src/(?!(platform|db|mail)/)[^/]+/'
const PURE = '^src/[^/]+/(policy|lifecycle|links)\\.ts$|^src/exports/workbook/'

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
    {
      name: 'pure-rooms-stay-pure',
      comment: 'Plain data in, plain data out; of the platform only what computes: ids, text, time.',
      severity: 'error',
      from: { path: PURE },
      to: {
        path: [
          '^src/(platform|mail)/',
          '^src/(app|settings|index)\\.ts$',
          '(store|routes)\\.ts$',
          '^cloudflare:',
        ],
        pathNot: '^src/platform/(ids|text|time)\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'foundations-know-no-feature',
      severity: 'error',
      from: { path: '^src/(platform|db|mail)/' },
      to: { path: FEATURES },
    },
    {
      name: 'no-routes-of-others',
      comment: "A feature may use another's store and policy, never its routes.",
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/[^/]+/[a-z-]*routes\\.ts$', pathNot: '^src/$1/' },
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
