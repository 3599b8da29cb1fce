import { once } from 'node:events'
import type { GatewayProcess } from '../gateway-process.ts'

/**
 * What a process must be started with, so that it can be told to collect its garbage, and so that what it holds is what it has kept:
 * glibc makes an arena for each thread, and gives little of what is free in one back to the system.
 */
export const MEASURED = { NODE_OPTIONS: '--inspect=127.0.0.1:0', MALLOC_ARENA_MAX: '2' } as const

/**
 * Makes the process give up what nothing refers to any more. By itself it waits until it needs the room, and then what it holds says
 * nothing of what it has kept.
 */
export async function collectGarbage(gateway: GatewayProcess): Promise<void> {
  const url = /Debugger listening on (ws:\S+)/.exec(gateway.said())?.[1]
  if (!url) throw new Error('the gateway was not started to be measured')
  const inspector = new WebSocket(url)
  try {
    await once(inspector, 'open')
    const done = once(inspector, 'message')
    inspector.send(JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' }))
    await done
  } finally {
    inspector.close()
    await once(inspector, 'close')
  }
}
