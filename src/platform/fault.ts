import { openSync, writeSync } from 'node:fs'
import type { ConfigTable, Parsed } from './config.ts'

/** The steps of the write protocol where a test may break the process, in their order; T are those that tickets and tus have besides, P those of purges, E and D those of epochs and the doctor, A those of the audit log's sealer. */
export const FAULT_POINTS = {
  'U0.admitted': 'The upload is allowed; nothing of it is written.',
  'U1.beforeCommit': 'The blob is staged in a transaction that is not committed.',
  'U1.afterCommit': 'The blob is staged.',
  'U2.start': 'Bytes are about to flow.',
  'U2.bytes': 'A chunk has arrived; the amount is that of the bytes so far.',
  'U3.beforeStat': 'The store has acknowledged the bytes; it is not yet asked what it holds.',
  'U3.done': 'The store holds what was counted.',
  'U4.beforeCommit': 'The blob is live and its media made, in a transaction that is not committed.',
  'U4.afterCommit': 'The media is durable.',
  'U5.beforeAnswer': 'The answer is about to be sent.',
  'T0.begun': 'A resumable write is begun in the store; its upload has no row.',
  'T1.beforeCompare':
    'Bytes that came with a checksum are durable; they are not compared with it; the amount is the offset.',
  'T2.complete': 'All bytes of a resumable upload are one object; nobody has it.',
  'T3.received': 'A ticket has its bytes; who sent them has no answer.',
  'R1.beforeCommit': 'Run-out uploads are doomed in a transaction that is not committed.',
  'R1.afterCommit': 'Run-out uploads are doomed.',
  'R2.beforeDelete': 'The bytes of a doomed blob are about to be removed.',
  'R2.afterDelete': 'The bytes are gone, the row is not.',
  'R3.beforeCommit': 'The row is removed in a transaction that is not committed.',
  'R3.afterCommit': 'Bytes and row are gone.',
  'P1.beforeCommit':
    'A media and all that hangs on it are removed for good, in a transaction that is not committed.',
  'P1.afterCommit': 'The media is gone; its bytes are not.',
  'P2.beforeSettle': 'The bytes of purged media are gone; that is not written down.',
  'P3.afterSettle': 'The purge is written down and told of; who asked for it has no answer.',
  'E1.afterRow': 'A new epoch of a store is in the database, and not yet in the store.',
  'E2.afterObject': 'A new epoch is in the store, and the ones before it still are, too.',
  'D1.beforeRepair': 'The doctor is about to repair; the amount counts its repairs.',
  'D2.afterRepair': 'The doctor has repaired; the amount counts its repairs.',
  'A1.sealed': 'Rows of the audit log are sealed in a transaction that is not committed.',
  'A2.checkpoint': 'A checkpoint is in the store, and not yet in the database.',
} as const satisfies Record<string, string>
export type FaultPoint = keyof typeof FAULT_POINTS

/** Where a test may break the process. Without a plan every hit is one call of an empty function. */
export interface Fault {
  /** `amount` counts within the step. */
  hit(point: FaultPoint, amount?: number): void | Promise<void>
}

export const noFault: Fault = { hit: () => undefined }

const ACTIONS = ['kill', 'stop', 'delay', 'fail'] as const

export interface FaultPlan {
  readonly point: FaultPoint
  readonly action: (typeof ACTIONS)[number]
  /** The plan acts when the hit's amount has come this far. */
  readonly from: number
  /** Milliseconds of a delay. */
  readonly ms: number
}

const PLAN = /^([\w.]+)(?:@(\d+))?:(kill|stop|fail|delay)(?:=(\d+))?$/

function plans(input: string): Parsed<readonly FaultPlan[]> {
  const parsed = input.split(',').map(part => {
    const [, point, from, action, ms] = PLAN.exec(part.trim()) ?? []
    return point && point in FAULT_POINTS
      ? ({ point, action, from: Number(from ?? 0), ms: Number(ms ?? 0) } as FaultPlan)
      : null
  })
  return parsed.every(plan => plan !== null)
    ? { value: parsed }
    : {
        allowed:
          'for tests only: point[@amount]:kill|stop|fail|delay=ms, parted by commas; ' +
          `the points are ${Object.keys(FAULT_POINTS).join(', ')}`,
      }
}

export const faultConfig = {
  FAULT: {
    default: [] as readonly FaultPlan[],
    defaultText: 'none',
    about: 'For tests of the write protocol only: breaks the process at a named point.',
    parse: plans,
  },
  FAULT_LOG: {
    default: undefined as string | undefined,
    defaultText: 'none',
    about: 'For tests of the write protocol only: a file that notes each point as it is passed.',
    parse: (value: string): Parsed<string> => ({ value }),
  },
} satisfies ConfigTable

/** The faults that the configuration asks for; `noFault` when it asks for none. */
export function plannedFaults(plan: readonly FaultPlan[], logFile: string | undefined): Fault {
  if (plan.length === 0 && logFile === undefined) return noFault
  const log = logFile === undefined ? undefined : openSync(logFile, 'a')
  return {
    hit(point, amount = 0) {
      // Written at once, without buffers of ours: what the log says has happened, also when the next line kills us.
      if (log !== undefined) writeSync(log, `${Date.now()} ${point} ${amount}\n`)
      const act = plan.find(entry => entry.point === point && amount >= entry.from)
      if (act) return ACT[act.action](act)
    },
  }
}

const ACT = {
  kill: () => process.kill(process.pid, 'SIGKILL') as unknown as undefined,
  stop: () => process.kill(process.pid, 'SIGSTOP') as unknown as undefined,
  delay: ({ ms }) => new Promise<void>(resolve => setTimeout(resolve, ms)),
  fail: ({ point }) => {
    throw new Error(`planned fault at ${point}`)
  },
} satisfies Record<FaultPlan['action'], (plan: FaultPlan) => void | Promise<void>>
