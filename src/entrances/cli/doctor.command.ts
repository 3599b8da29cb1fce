import { Command } from 'commander'
import { INVARIANTS, type Report } from '../../features/blobs/doctor.ts'
import type { MakeCommand } from './maintenance.commands.ts'
import { EXIT, withApp } from './terminal.ts'

interface DoctorOptions {
  readonly json?: boolean
  readonly quick?: boolean
}

/** Proves the invariants of the write protocol from database and store; exit code 3 when one is broken. */
export const doctorCommand: MakeCommand = (terminal, done) =>
  new Command('doctor')
    .description(
      'Compares database and stores from both sides; changes nothing, and works beside a running gateway.',
    )
    .option('--json', 'answer in JSON')
    .option('--quick', 'compare sizes only, read no content')
    .action(async ({ json, quick }: DoctorOptions) => {
      const onProgress = json ? undefined : terminal.printError
      const report = await withApp(terminal, app => app.doctor.examine({ quick, onProgress }))
      terminal.print(json ? JSON.stringify(report) : inWords(report))
      if (report.findings.length > 0) done(EXIT.breach)
    })

function inWords({ checked, findings, awaitingReaper }: Report): string {
  const lines = Object.entries(INVARIANTS).flatMap(([invariant, meaning]) => {
    const broken = findings.filter(finding => finding.invariant === invariant)
    return [
      `${broken.length === 0 ? 'holds ' : 'BROKEN'} ${invariant} ${meaning}`,
      ...broken.map(({ message }) => `         ${message}`),
    ]
  })
  const { blobs, objects, accounts, bytesHashed } = checked
  return [
    ...lines,
    `Looked at ${blobs} live blobs (${bytesHashed} bytes hashed), ${objects} objects, ${accounts} accounts.`,
    ...(awaitingReaper > 0
      ? [`${awaitingReaper} broken-off uploads or deletions await the reaper; that is no breach.`]
      : []),
  ].join('\n')
}
