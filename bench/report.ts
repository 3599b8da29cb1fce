import { cpus, release, totalmem, type } from 'node:os'
import { holds, type Row } from './figure.ts'
import { canPin } from './server-process.ts'
import type { Spread } from './spread.ts'

const COLUMNS = ['figure', 'ours', 'baseline', 'ratio: median [min–max]', 'bound', 'holds'] as const

const digits = (value: number) => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)

const spread = ({ median, min, max }: Spread) => `${digits(median)} [${digits(min)}–${digits(max)}]`

function boundOf({ ratio, unit, atMost, atLeast }: Row): string {
  const of = ratio ? '× the baseline' : unit
  return [
    ...(atLeast === undefined ? [] : [`≥ ${atLeast} ${of}`]),
    ...(atMost === undefined ? [] : [`≤ ${atMost} ${of}`]),
  ].join(', ')
}

const cells = (row: Row): string[] => [
  row.figure,
  `${spread(row.ours)} ${row.unit}`,
  row.baseline ? `${spread(row.baseline)} ${row.unit}` : '–',
  row.ratio ? spread(row.ratio) : '–',
  boundOf(row),
  holds(row) ? 'yes' : 'NO',
]

/** The rows as a Markdown table whose columns also line up on a terminal. */
export function table(rows: readonly Row[]): string {
  const lines = [[...COLUMNS], ...rows.map(cells)]
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0)))
  const line = (texts: readonly string[]) =>
    `| ${texts.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = lines
  return [line(head), line(widths.map(width => '-'.repeat(width))), ...body.map(line)].join('\n')
}

/** What else was seen, as a list. */
export const notes = (rows: readonly Row[]): string =>
  rows.flatMap(({ figure, note }) => (note ? [`- ${figure}: ${note}.`] : [])).join('\n')

/** docs/benchmarks.md. */
export function document(rows: readonly Row[], rounds: number): string {
  const processor = `${cpus().length} × ${cpus()[0]?.model.trim() || 'unknown processor'}`
  return `# Benchmarks

Written by \`npm run bench\`; do not edit.

${table(rows)}

${notes(rows)}

Measured on ${new Date().toISOString().slice(0, 10)} with Node ${process.versions.node} on ${type()} ${release()}, ${processor},
${Math.round(totalmem() / 2 ** 30)} GiB of memory. ${rounds} rounds, gateway and baseline in turn (A B A B); a ratio is taken within each round.
Where there is a baseline the bound is for the median ratio, else for the worst round.

## What is measured

The gateway is one process, \`dist/main.js serve\`, as it is shipped: credentials, limits, log and durable writes on, its own
PostgreSQL. Only the port, the data folder, a first key and, as in the container image, \`MALLOC_ARENA_MAX=2\` are set. Every baseline is a process of its own, too; its code is in
\`bench/baselines\`.

- **Page**: \`mediaItems(first: 20)\` with \`cursor\`, \`hasNextPage\`, \`endCursor\` and the 15 fields id, name, originalFileName, title,
  kind, mimeType, status, size, sha256, etag, width, height, tags, createdAt, updatedAt, newest first, out of 10 000 media. The
  baseline runs the same statement on \`pg\` and answers \`JSON.stringify(rows)\` from \`node:http\`; that both give the same rows is
  checked first, and that every answer is the same to the byte, during the run. CPU is user and system time of the server process
  with all its threads, PostgreSQL apart, for one request of a closed loop on 8 connections, after a warm-up. Answers are not
  compressed, because the client does not ask for it. ${canPin ? 'Servers were kept on one core and the client on another.' : 'Servers and client shared all cores: there was no taskset.'}
- **The executor alone**: the same schema and compiled queries on Apollo Server and node:http, with no credential, limits or log
  (\`bench/baselines/executor.ts\`).
- **Entities**: \`_entities\` with 100 references to media and the same 15 fields, as a router sends them, against the page above on
  the same gateway, measured in the same way.
- **Deep page**: the page above behind a cursor in the middle of 1 000 000 media, reached page by page, against the first page of
  the same library; then the deep page with \`totalCount\` beside the deep page without. Wall clock of one request after the other
  on one connection: what a client waits, PostgreSQL included.
- **Pages of other APIs**: 1000 media at the beginning, in the middle and at the end of 100 000 by the Continuation-Token of the Bandwidth list, one request after
  the other on one connection; and the statement that finds 20 and 100 media by the number of their page, from its sending to its rows, at the same three places, where what
  is passed over must come from an index alone. The exact count, which such pages tell beside, is a statement of its own.
- **Attacks**: every request of \`test/support/attacks.ts\`, each of which is refused with 400; CPU of the server process for one, the dearest shown.
- **Upload**: 1 GiB of pseudo-random bytes in one GraphQL multipart request, wall clock until the answer, whose SHA-256 is checked.
  The baseline hashes a bare \`PUT\`, writes it, syncs it and renames it, on the same disk.
- **Upload by PUT, by tus**: the same 1 GiB as the body of one \`PUT\` to a ticket, and of one \`PATCH\` until the media is made, against the same baseline;
  uploads of 1 MiB likewise, 4 at a time, each on a ticket that was made before. Then 50 of 20 MB at once, by PUT, tus and multipart in turn.
- **Download**: the same 1 GiB from \`/media/{id}/content\` with a key, read and dropped. The baseline is npm's \`send\` on the same file.
- **S3**: 1 GiB between the memory of a process and a bucket of Ceph's gateway on the same machine, whose data are in memory, too: by our driver, and by the
  SDK alone (\`Upload\` of \`@aws-sdk/lib-storage\`, \`GetObjectCommand\`), each with what it does by itself. Then the gateway with its bytes there.
- **Memory**: resident set of the gateway's process, looked at every 100 ms, above what it had two seconds after a warm-up with small
  files and before the first big one.
- **Idle**: five seconds after the start, before the first request.
- **Start**: \`npm start\` in a checkout that is installed and built, until \`/health/ready\` answers 200.

## To repeat it

\`\`\`sh
npm ci
npm run bench                   # all of it: about twenty minutes, Linux; needs 5 GB in the temp folder
npm run bench -- --only page    # page, entities, deep, facades, access, attacks, upload, doors, download, s3 (needs Ceph), processing, idle or start
npm run bench -- --only deep --media 100000
npm run bench -- --rounds 9
\`\`\`

The exit code is 1 when a bound does not hold. A run of one figure alone does not write this page.
`
}
