import { startApp, type TestApp } from '../support/app.ts'
import { missingCephPrograms } from '../support/ceph-rgw.ts'
import { IS_THOROUGH } from '../support/counts.ts'
import { openTestStore } from '../support/stores.ts'
import { exhaust } from './store/exhaust.ts'
import { failingDriver, StoreFaults } from './store/failing-driver.ts'
import { OPERATIONS, type Operation } from './store/operations.ts'

// The store's Nth call fails, for every N of each operation, in every way. LONG=1 (`npm run test:thorough`) takes every case twice, once for
// each way in which a client comes again, and an object store as well.

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
        const exhausted = await exhaust({ gateway, faults, half: !IS_THOROUGH }, operation)
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
  operations: IS_THOROUGH
    ? OPERATIONS.small
    : OPERATIONS.small.filter(({ name }) => !/parts|checksums/.test(name)),
  open: async () => ({}),
})

if (IS_THOROUGH && missingCephPrograms().length === 0) {
  describeStore({
    name: 'S3',
    operations: [...OPERATIONS.small, ...OPERATIONS.joined],
    async open() {
      const { url, environment } = await openTestStore('', 's3')
      return { ...environment, STORAGE_URL: url }
    },
  })
} else {
  test('with an S3 store is left out: a thorough run takes it, where Ceph is installed', () => undefined)
}
