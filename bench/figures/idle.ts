import { setTimeout as delay } from 'node:timers/promises'
import type { Bench, Row } from '../figure.ts'
import { startGateway } from '../gateway.ts'
import { memoryOf } from '../proc.ts'
import { spreadOf } from '../spread.ts'

const MIB = 2 ** 20
const REST_MS = 5_000

/** Memory of a gateway that has been ready for 5 seconds and was asked nothing; PostgreSQL not included. */
export async function idle({ rounds, progress }: Bench): Promise<Row[]> {
  const resident: number[] = []
  const anonymous: number[] = []
  for (let round = 1; round <= rounds; round++) {
    await using gateway = await startGateway()
    await delay(REST_MS)
    const memory = await memoryOf(gateway.server.pid)
    resident.push(memory.rss / MIB)
    anonymous.push(memory.anonymous / MIB)
    progress(`round ${round}: ${(memory.rss / MIB).toFixed(0)} MiB`)
  }
  const note = `of which anonymous ${spreadOf(anonymous).median.toFixed(0)} MiB; the rest is the program files of Node`
  return [
    { figure: 'idle memory without PostgreSQL', unit: 'MiB', ours: spreadOf(resident), atMost: 150, note },
  ]
}
