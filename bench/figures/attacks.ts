import { ATTACKS, type Attack } from '../../test/support/attacks.ts'
import type { Bench, Row } from '../figure.ts'
import { AUTHORIZATION, startGateway } from '../gateway.ts'
import { cpuSeconds } from '../proc.ts'
import { pinClient, unpinClient } from '../server-process.ts'
import { spreadOf } from '../spread.ts'

/** CPU is counted in hundredths of a second: so often that one of them is half a millisecond of a request. */
const REQUESTS = 20

/** What it costs to refuse each request that is made to cost much; the dearest of them. */
export async function attacks(bench: Bench): Promise<Row[]> {
  await using gateway = await startGateway({ pinned: true })
  const { origin, pid } = gateway.server
  const url = `${origin}/graphql`
  const headers = { authorization: AUTHORIZATION, 'content-type': 'application/json' }
  const cost = async ({ body }: Attack) => {
    const text = JSON.stringify(body)
    const before = await cpuSeconds(pid)
    for (let i = 0; i < REQUESTS; i++) {
      const answer = await fetch(url, { method: 'POST', headers, body: text })
      await answer.text()
      if (answer.status !== 400) throw new Error(`an attack was answered with ${answer.status}`)
    }
    return ((await cpuSeconds(pid)) - before) * (1000 / REQUESTS)
  }
  pinClient()
  try {
    const costs = new Map<string, number[]>()
    for (let round = 0; round <= bench.rounds; round++) {
      for (const attack of ATTACKS) {
        const ms = await cost(attack)
        // The first round warms up.
        if (round > 0) costs.set(attack.what, [...(costs.get(attack.what) ?? []), ms])
      }
      bench.progress(`round ${round} of ${bench.rounds}`)
    }
    const [dearest, ...others] = [...costs].sort(([, a], [, b]) => spreadOf(b).median - spreadOf(a).median)
    const [what, all = []] = dearest ?? []
    const second = others[0]
    return [
      {
        figure: `the dearest of ${ATTACKS.length} attacks to refuse: CPU a request`,
        unit: 'ms',
        ours: spreadOf(all),
        atMost: 50,
        note: `${what}; next ${second?.[0]} with ${spreadOf(second?.[1] ?? []).median.toFixed(1)} ms`,
      },
    ]
  } finally {
    unpinClient()
  }
}
