import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

const DATABASE_BY_NAME = {
  selector: "MemberExpression[property.name='DB']",
  message: 'A database is asked for by company: platform/database.ts.',
}
const CLOCKS_AND_CHANCE = [
  { selector: "MemberExpression[object.name='Date'][property.name='now']", message: 'Time is handed in.' },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time is handed in.' },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'Pure code has no chance.',
  },
  { selector: "MemberExpression[property.name='getRandomValues']", message: 'Pure code has no chance.' },
]

export default defineConfig(
  globalIgnores([
    'node_modules/',
    '**/.wrangler/',
    'dist/',
    'coverage/',
    'worker-configuration.d.ts',
    'examples/',
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['tsconfig.json', 'scripts/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      // A number in a template says what it is.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-console': ['error', { allow: ['log', 'error'] }],
      'no-restricted-globals': ['error', { name: 'process', message: 'Settings come from settings.ts.' }],
      'no-restricted-syntax': ['error', DATABASE_BY_NAME],
    },
  },
  { files: ['src/platform/database.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    // What .dependency-cruiser.cjs calls pure.
    files: [
      'src/*/{policy,lifecycle,change,view,weight,tree,codes,email,failures,files,links,range}.ts',
      'src/exports/workbook/**/*.ts',
      'src/mail/{html,bidi}.ts',
    ],
    rules: { 'no-restricted-syntax': ['error', DATABASE_BY_NAME, ...CLOCKS_AND_CHANCE] },
  },
  {
    files: ['scripts/**/*.ts', 'test/scripts/**/*.ts'],
    rules: {
      // An empty variable counts as one that is not set.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // Stand-ins for something asynchronous, and spies on methods.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
)
