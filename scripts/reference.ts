import type { EXIT } from '../src/entrances/cli/terminal.ts'
import type { LIMITS } from '../src/entrances/graphql/limits.ts'
import type { FINDINGS, INVARIANTS } from '../src/features/blobs/doctor/findings.ts'
import type { Operation } from '../src/features/transform/recipe/operations.ts'
import type { ConfigTable } from '../src/platform/config.ts'
import type { ErrorKind } from '../src/platform/errors.ts'
import type { MetricTable } from '../src/platform/metrics.ts'
import { table } from './markdown.ts'

/** The tables of the source that the reference is made from. */
export interface ReferenceTables {
  readonly config: ConfigTable
  readonly errors: ReadonlyArray<readonly [code: string, kind: ErrorKind]>
  readonly scopes: Readonly<Record<string, string>>
  /** Which scope each action needs. */
  readonly actions: Readonly<Record<string, { readonly scope: string }>>
  readonly limits: typeof LIMITS
  readonly page: { readonly default: number; readonly max: number }
  readonly exitCodes: typeof EXIT
  readonly invariants: typeof INVARIANTS
  readonly findings: typeof FINDINGS
  /** What can be asked of a picture. */
  readonly operations: Readonly<Record<string, Operation>>
  readonly metrics: MetricTable
  readonly metricPrefix: string
}

const LIMIT_MEANINGS = {
  documentBytes: 'The text of the document in UTF-8.',
  tokens: 'Names, braces and literals of the whole document.',
  operations: 'Operations of one document, of which one is executed.',
  depth: 'Fields below each other.',
  aliases: 'Aliases; those of a fragment count each time it is spread.',
  rootFields: 'Fields of the root type.',
  fields: 'All fields; those of a fragment count each time it is spread.',
  duplicates: 'Fields that stand beside another one of the same name in the answer.',
  fragments: 'Fragments of the document.',
  spreads: 'Spreads of fragments; those within a fragment count each time it is spread.',
  directives: 'Directives of the whole document.',
  directivesAtOnePlace: 'Directives of one field, fragment, variable or operation.',
  cost: 'An object 1, a mutation 10, a `totalCount` 10; what stands in a list as often as `first`, `last` or the given list say.',
  operationName: 'Characters of the name of the operation.',
  variableBytes: 'Names and texts of the variables in UTF-8.',
  variableValues: 'Values of the variables, those in lists and objects included.',
  variableDepth: 'Lists and objects of the variables within each other.',
} as const satisfies Record<keyof typeof LIMITS, string>

const EXIT_MEANINGS = {
  ok: 'Done.',
  failed: 'It did not work; standard error says why.',
  usage: 'The command line or the configuration is wrong; standard error names every problem.',
  breach:
    '`doctor` found an invariant broken (with `--repair`, one is still broken afterwards), or `audit verify` a log that was changed.',
} as const satisfies Record<keyof typeof EXIT, string>

/** The text of docs/reference.md: Markdown that says what the tables say, and nothing that they do not. */
export function reference(tables: ReferenceTables): string {
  const { config, errors, limits, page } = tables
  return [
    '# Reference',
    '',
    'Made from the tables in the source by `npm run docs`; a test fails when it is not current.',
    '',
    '## Configuration',
    '',
    'Environment variables, all optional; an empty one counts as absent. A wrong value stops the start, and every wrong',
    'variable is named with what is allowed. Those marked † are secrets: they are never printed.',
    '',
    ...table(
      ['Variable', 'Default', 'Meaning'],
      Object.entries(config).map(([name, variable]) => [
        `\`${name}\`${variable.secret ? ' †' : ''}`,
        variable.defaultText ?? `\`${variable.default}\``,
        variable.about,
      ]),
    ),
    '',
    '## Error codes',
    '',
    'Codes are stable; messages are for people and may change. HTTP answers carry `{ "error": { code, message, field, details,',
    'requestId } }`. GraphQL answers carry what the user can mend in `userErrors`, and everything else in `errors` with',
    '`extensions.code` and `extensions.requestId`. A document that GraphQL itself refuses has a code of Apollo Server',
    '(`GRAPHQL_PARSE_FAILED`, `GRAPHQL_VALIDATION_FAILED`, `BAD_USER_INPUT`) or `OPERATION_TOO_LARGE`.',
    '',
    ...table(
      ['Code', 'HTTP', 'Meaning'],
      errors.map(([code, kind]) => [`\`${code}\``, String(kind.status), kind.meaning]),
    ),
    '',
    '## Scopes',
    '',
    ...table(
      ['Scope', 'Meaning', 'Asked for by'],
      Object.entries(tables.scopes).map(([scope, meaning]) => [
        `\`${scope}\``,
        meaning,
        // Credentials are no media: what is done with them is no action.
        [
          ...actionsOf(scope, tables.actions),
          ...(scope === 'admin' ? ['API keys', 'applications'] : []),
        ].join(', ') || 'nothing yet',
      ]),
    ),
    '',
    '`*` stands for all of them.',
    '',
    '## Limits of a GraphQL operation',
    '',
    'Larger ones are refused before anything of them is executed.',
    '',
    ...table(
      ['Limit', 'Most', 'Counts'],
      Object.entries(LIMIT_MEANINGS).map(([name, meaning]) => [
        `\`${name}\``,
        String(limits[name as keyof typeof LIMIT_MEANINGS]),
        meaning,
      ]),
    ),
    '',
    `A page of a connection holds ${page.default} items unless \`first\` or \`last\` says otherwise, and at most ${page.max}.`,
    '',
    '## Pictures',
    '',
    'What `Media.image` takes, and how it stands in the recipe of a URL: the parts in this order, joined by `-`, such as',
    '`w400-h300-gnorth-webp-q70`. A recipe has one spelling: what is the default, or changes nothing beside the rest, is left out.',
    '',
    ...table(
      ['Operation', 'Takes', 'In a recipe', 'Meaning'],
      Object.entries(tables.operations).map(([name, { value, sample, about }]) => [
        `\`${name}\``,
        value.allowed,
        sample === undefined ? 'in width and height' : `\`${value.print(sample)}\``,
        about,
      ]),
    ),
    '',
    ...Object.entries(tables.operations).flatMap(([name, { value }]) =>
      Object.entries(value.choices ?? {}).length === 0
        ? []
        : [
            `Values of \`${name}\`:`,
            '',
            ...table(
              ['Value', 'Meaning'],
              Object.entries(value.choices ?? {}).map(([word, about]) => [`\`${word}\``, about]),
            ),
            '',
          ],
    ),
    '## Invariants that `doctor` proves',
    '',
    ...table(['Invariant', 'Meaning'], Object.entries(tables.invariants)),
    '',
    '## Findings of `doctor`',
    '',
    'Codes are stable. What `--repair` does needs, where the last column says so, that the store belongs to this database as far as',
    'both know (`ours`), that not many are found at once (`few`; `--allow-many` lifts it), or that it is a week old (`old`).',
    '',
    ...table(
      ['Code', 'Invariant', 'Meaning', '`--repair`', 'Needs'],
      Object.entries(tables.findings).map(([code, { invariant, meaning, remedy, needs }]) => [
        `\`${code}\``,
        invariant,
        meaning,
        remedy ?? 'nothing: look at it',
        needs.join(', '),
      ]),
    ),
    '',
    '## Metrics',
    '',
    'At `/metrics`, for who sends METRICS_TOKEN; `process_…` and `nodejs_…` besides, as everywhere. No label names an account, a media or a file.',
    '[What to do when one moves](operations.md#metrics).',
    '',
    ...table(
      ['Metric', 'Type', 'Labels', 'Meaning'],
      Object.entries(tables.metrics).map(([name, { type, labels, about }]) => [
        `\`${tables.metricPrefix}${name}\``,
        type,
        labels.join(', '),
        about,
      ]),
    ),
    '',
    '## Exit codes of the commands',
    '',
    ...table(
      ['Code', 'Name', 'Meaning'],
      Object.entries(EXIT_MEANINGS).map(([name, meaning]) => [
        String(tables.exitCodes[name as keyof typeof EXIT_MEANINGS]),
        name,
        meaning,
      ]),
    ),
    '',
  ].join('\n')
}

function actionsOf(scope: string, actions: ReferenceTables['actions']): string[] {
  return Object.entries(actions)
    .filter(([, needed]) => needed.scope === scope)
    .map(([action]) => action)
}
