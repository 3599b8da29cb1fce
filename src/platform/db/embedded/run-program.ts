import { spawn } from 'node:child_process'
import { platform } from 'node:os'

/**
 * What the programs of PostgreSQL see of the environment: English messages, UTC, and none of the gateway's secrets or
 * of the PG… variables that would steer them elsewhere. Windows programs do not start without the system's own.
 */
export const environment =
  platform() === 'win32' ? undefined : { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/** The operating-system user that owns the cluster and runs its server. Without ids: the user of this process. */
export interface Account {
  readonly uid?: number
  readonly gid?: number
}

/** The user of this process. */
export const ownAccount: Account = {}

export interface Outcome {
  readonly ok: boolean
  /** Standard output, trimmed. */
  readonly output: string
  /** Why it failed: standard error, or why it could not be started. */
  readonly problem: string
}

/** Runs a program to its end as `account`; never rejects, also when there is no such program. */
export function runProgram(program: string, args: readonly string[], account: Account): Promise<Outcome> {
  return new Promise(resolve => {
    const { uid, gid } = account
    const child = spawn(program, args, { uid, gid, cwd: '/', env: environment, windowsHide: true })
    let output = ''
    let problem = ''
    child.stdin.end()
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      problem += text
    })
    child.once('error', error => resolve({ ok: false, output: '', problem: error.message }))
    child.once('close', code => resolve({ ok: code === 0, output: output.trim(), problem: problem.trim() }))
  })
}
