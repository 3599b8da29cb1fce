import { Command, InvalidArgumentError, Option } from 'commander'
import type { App } from '../../app.ts'
import type { RepairOptions, Report } from '../../features/blobs/doctor/doctor.ts'
import { type Finding, INVARIANTS } from '../../features/blobs/doctor/findings.ts'
import { parseSample, type Sample } from '../../features/blobs/doctor/sample.ts'
import { commonErrors } from '../../platform/errors.ts'
import type { MakeCommand } from './maintenance.commands.ts'
import { EXIT } from './terminal.ts'
import { withApp } from './with-app.ts'

interface DoctorOptions {
  readonly json?: boolean
  readonly quick?: boolean
  readonly sample?: Sample
  readonly store?: string
  readonly repair?: boolean
  readonly allowMany?: boolean
  readonly record?: boolean
  readonly adopt?: string
}

/** Proves the invariants of the write protocol from database and store; exit code 3 when one is broken. */
export const doctorCommand: MakeCommand = (terminal, done) =>
  new Command('doctor')
    .description(
      'Compares database and stores from both sides, and says what is wrong and what --repair would do; works beside a running gateway.',
    )
    .option('--json', 'answer in JSON')
    .option('--quick', 'compare sizes only, read no content')
    .addOption(
      new Option('--sample <number>', 'read so many contents, chosen at random, or a share: 1000, 5%')
        .argParser(sampleArgument)
        .conflicts('quick'),
    )
    .option('--store <name>', 'look at this store alone')
    .option('--repair', 'mend what is safe to mend; without it nothing is changed')
    .option('--allow-many', 'mend also where much is wrong at once, which may mean a wrong store or database')
    .option('--record', 'remember the result for the metrics, as --repair does')
    .option(
      '--adopt <store>',
      'say that a store belongs to this database as it is: what has no row there is garbage from now on',
    )
    .action(async ({ json, adopt, ...options }: DoctorOptions) => {
      const report = await withApp(terminal, async app => {
        for (const store of [options.store, adopt]) if (store !== undefined) requireStore(app, store)
        if (adopt !== undefined) {
          await app.epochs.adopt(adopt)
          terminal.printError(`The store ${adopt} belongs to this database.`)
        }
        return inspect(app, { ...options, onProgress: terminal.printError })
      })
      terminal.print(json ? JSON.stringify(report) : inWords(report, options.repair ?? false))
      if (report.findings.length > 0) done(EXIT.breach)
    })

async function inspect(
  app: App,
  options: RepairOptions & Pick<DoctorOptions, 'repair' | 'record'>,
): Promise<Report> {
  const report = options.repair ? await app.doctor.repair(options) : await app.doctor.examine(options)
  if (options.repair || options.record)
    await app.inspections.note('doctor', {
      findings: report.findings,
      bytesHashed: report.checked.bytesHashed,
    })
  return report
}

function sampleArgument(text: string): Sample {
  const sample = parseSample(text)
  if (!sample) throw new InvalidArgumentError('Give a number such as 1000, or a share such as 5%.')
  return sample
}

function requireStore({ foundation }: App, store: string): void {
  const { storeIds } = foundation.storage
  if (storeIds.includes(store)) return
  throw commonErrors.BAD_REQUEST(`There is no store "${store}"; there are: ${storeIds.join(', ')}.`)
}

function inWords(report: Report, repairing: boolean): string {
  const { checked, findings, repaired, awaitingReaper, lost, unnamed } = report
  const lines = Object.entries(INVARIANTS).flatMap(([invariant, meaning]) => {
    const broken = findings.filter(finding => finding.invariant === invariant)
    const mended = repaired.filter(finding => finding.invariant === invariant)
    return [
      `${broken.length === 0 ? 'holds ' : 'BROKEN'} ${invariant} ${meaning}`,
      ...broken.flatMap(finding => [`         ${finding.message}`, ...outlook(finding, repairing)]),
      ...mended.map(({ message, remedy }) => `         repaired: ${message}. ${remedy}`),
    ]
  })
  const { blobs, objects, accounts, bytesHashed } = checked
  return [
    ...lines,
    ...(unnamed > 0 ? [`${unnamed} findings more are counted and not named.`] : []),
    `Looked at ${blobs} live blobs (${bytesHashed} bytes hashed), ${objects} objects, ${accounts} accounts.`,
    ...(lost > 0
      ? [
          `${lost} blobs are lost: their downloads answer CONTENT_LOST until their objects are back and repaired.`,
        ]
      : []),
    ...(awaitingReaper > 0
      ? [`${awaitingReaper} broken-off uploads or deletions await the reaper; that is no breach.`]
      : []),
  ].join('\n')
}

/** What a repair would do, or why it does nothing. */
function outlook({ remedy, refusal }: Finding, repairing: boolean): string[] {
  if (refusal !== null) return [`           not repaired: ${refusal}`]
  if (remedy === null) return ['           nothing is safe to do about it: look at it.']
  return repairing ? [] : [`           --repair: ${remedy}`]
}
