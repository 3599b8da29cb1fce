import { cpus, release, type } from 'node:os'
import type { Result } from './run.ts'

const CHECKED = `After every break the gateway is started again on what it finds, leases run out, and \`reap\` runs beside it. Then

- \`doctor\` finds nothing and nothing awaits the reaper: each live blob has its object, equal in size and SHA-256, and its
  media; no object is without a row; the accounts' sums are right; staging and temp folders are empty;
- each upload that the client's journal (one fsync a line) holds as acknowledged is there and is delivered with the bytes
  that were sent, compared by SHA-256; none is there twice;
- an upload that was not acknowledged is there whole or not at all, and one that was refused is not there.`

/** The proof as a page: what ran, under which seed, what was counted. */
export function report(
  results: readonly Result[],
  { seed, finished }: { seed: number; finished: Date },
): string {
  const failed = results.filter(({ failure }) => failure !== undefined)
  const seconds = Math.round(results.reduce((sum, result) => sum + result.seconds, 0))
  const verdict =
    failed.length === 0
      ? `All ${results.length} scenarios held.`
      : `**${failed.length} of ${results.length} scenarios failed: ${failed.map(({ scenario }) => scenario.name).join(', ')}.**`
  return `# Proof under faults

Written by \`npm run test:long -- --seed ${seed}\` on ${finished.toISOString().slice(0, 10)}; Node ${process.versions.node}, ${type()} ${release()}, ${cpus().length} CPUs; ${seconds} seconds.
${verdict}

The built program runs as child processes and is broken from outside: killed, stopped, cut off from its database, out of
disk, at a store that fails. The seed chooses bytes and moments; \`--only NAME\` repeats one scenario.

## What is checked

${CHECKED}

${results.map(section).join('\n\n')}
`
}

function section({ scenario, facts, seconds, failure }: Result): string {
  const rows = Object.entries(facts).map(([what, value]) => `| ${what} | ${value} |`)
  const counted = rows.length > 0 ? `\n\n| counted | |\n|---|---|\n${rows.join('\n')}` : ''
  const failed = failure === undefined ? '' : `\n\n**Failed:**\n\n\`\`\`\n${failure}\n\`\`\``
  return `## ${scenario.name}\n\n${scenario.proves} ${seconds} seconds.${counted}${failed}`
}
