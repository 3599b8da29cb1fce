import { once } from 'node:events'
import type { GatewayProcess } from '../gateway-process.ts'

/** What a process must be started with, so that it can be told to collect its garbage. */
export const INSPECTED = { NODE_OPTIONS: '--inspect=127.0.0.1:0' } as const

/**
 * Makes the process give up what nothing refers to any more. By itself it waits until it needs the room, and then what it holds says
 * nothing of what it has kept.
 */
export async function collectGarbage(gateway: GatewayProcess): Promise<void> {
  const url = /Debugger listening on (ws:\S+)/.exec(gateway.said())?.[1]
  if (!url) throw new Error('the gateway was not started to be inspected')
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
