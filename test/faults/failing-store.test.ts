import { startApp, type TestApp } from '../support/app.ts'
import { missingCephPrograms, type OwnCephRgw, RGW_KEY, startCephRgw } from '../support/ceph-rgw.ts'
import { exhaust } from './store/exhaust.ts'
import { failingDriver, StoreFaults } from './store/failing-driver.ts'
import { OPERATIONS, type Operation } from './store/operations.ts'

// The store's Nth call fails, for every N of each operation, in every way. STORE_FAULTS=all takes every case twice, once for
// each way in which a client comes again, and an object store as well.

const all = process.env.STORE_FAULTS === 'all'

interface Kind {
  readonly name: string
  readonly operations: readonly Operation[]
  /** The environment of a gateway with such a store. */
  readonly open: () => Promise<Record<string, string>>
}

function describeStore({ name, operations, open }: Kind): void {
  describe(`with a ${name} store`, () => {
    const faults = new StoreFaults()
    let gateway: TestApp
    let cases = 0
    beforeAll(async () => {
      gateway = await startApp(
        { TRASH_DAYS: '0', LOG_LEVEL: 'silent', ...(await open()) },
        { wrapStore: driver => failingDriver(driver, faults) },
      )
    }, 180_000)
    afterAll(async () => {
      faults.plan(null)
      await gateway.close()
      process.stdout.write(`${cases} cases of a ${name} store that fails\n`)
    })

    test.each(operations.map(operation => [operation.name, operation] as const))(
      '%s loses nothing and leaves nothing, whichever call fails',
      async (_name, operation) => {
        const exhausted = await exhaust({ gateway, faults, half: !all }, operation)
        cases += exhausted.cases
        expect(exhausted.cases).toBeGreaterThanOrEqual(exhausted.calls.length)
      },
      1_200_000,
    )
  })
}

describeStore({
  name: 'memory',
  operations: OPERATIONS.small,
  open: async () => ({ STORAGE_URL: 'memory:' }),
})
describeStore({
  name: 'local',
  operations: all ? OPERATIONS.small : OPERATIONS.small.filter(({ name }) => !name.includes('parts')),
  open: async () => ({}),
})

if (all && missingCephPrograms().length === 0) {
  let rgw: OwnCephRgw
  afterAll(async () => rgw[Symbol.asyncDispose]())
  describeStore({
    name: 'S3',
    operations: [...OPERATIONS.small, ...OPERATIONS.joined],
    async open() {
      rgw = await startCephRgw()
      process.env.AWS_ACCESS_KEY_ID = RGW_KEY.id
      process.env.AWS_SECRET_ACCESS_KEY = RGW_KEY.secret
      return {
        STORAGE_URL: `s3://failing/files?endpoint=${rgw.endpoint}&forcePathStyle=true&createBucket=true`,
      }
    },
  })
} else {
  test('with an S3 store is left out: STORE_FAULTS=all takes it, where Ceph is installed', () => undefined)
}
