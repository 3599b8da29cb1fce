import pg, { type Pool, type PoolClient } from 'pg'

type Connected = (
  error: Error | undefined,
  client: PoolClient | undefined,
  done: (release?: unknown) => void,
) => void

/** The driver as TypeORM takes it, with a pool that tells how long each connection was waited for. */
export function measuredDriver(onWaited: (seconds: number) => void): typeof pg {
  class MeasuredPool extends pg.Pool {
    override connect(): Promise<PoolClient>
    override connect(done: Connected): void
    override connect(done?: Connected): Promise<PoolClient> | undefined {
      const began = performance.now()
      const told = () => onWaited((performance.now() - began) / 1000)
      if (!done) return super.connect().finally(told)
      super.connect((...result) => {
        told()
        done(...result)
      })
      return undefined
    }
  }
  return Object.assign(Object.create(pg) as typeof pg, { Pool: MeasuredPool as typeof Pool })
}
