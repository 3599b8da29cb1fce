import { randomBytes } from 'node:crypto'
import { appendFile, mkdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import fc from 'fast-check'
import { uuid7Maker } from '../../src/platform/lib/uuid7.ts'
import { blobKey } from '../../src/platform/storage/key.ts'
import { Installation, type Kept, type Running } from '../support/installation.ts'

let installation: Installation
let gateway: Running
beforeAll(async () => {
  installation = await Installation.create()
  gateway = await installation.start(await installation.database())
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await installation[Symbol.asyncDispose]()
})

/** What may befall the file of a media; all but the first two take its bytes away. */
const BEFALLS: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  nothing: async () => undefined,
  'it is moved away and comes back': async path => {
    await rename(path, `${path}.aside`)
    await gateway.app.doctor.repair({ allowMany: true })
    await rename(`${path}.aside`, path)
  },
  'it is removed': path => rm(path),
  'it is cut off': path => truncate(path, 7),
  'it grows': path => appendFile(path, 'more'),
  'a bit of it flips': async path => {
    const bytes = await readFile(path)
    bytes[3] = (bytes[3] ?? 0) ^ 64
    await writeFile(path, bytes)
  },
  'another takes its place': path => writeFile(path, randomBytes(50)),
}
const KEPT = new Set(Object.keys(BEFALLS).slice(0, 2))

const longAgo = uuid7Maker(() => Date.now() - 30 * 86_400_000)
async function addGarbage(): Promise<void> {
  const key = blobKey(longAgo())
  await mkdir(dirname(installation.pathOf(key)), { recursive: true })
  await writeFile(installation.pathOf(key), 'garbage')
  await installation.makeOld(key)
}

const damage = fc.record({
  files: fc.array(fc.constantFrom(...Object.keys(BEFALLS)), { minLength: 1, maxLength: 6 }),
  garbage: fc.nat({ max: 3 }),
  sums: fc.option(fc.nat({ max: 1_000_000 })),
  allowMany: fc.boolean(),
})

test('whatever is damaged, a repair loses nothing that is whole, serves nothing that is not, and leaves nothing to do', async () => {
  await fc.assert(
    fc.asyncProperty(damage, async ({ files, garbage, sums, allowMany }) => {
      const all: { kept: Kept; fate: string }[] = []
      for (const fate of files) all.push({ kept: await gateway.keep(randomBytes(50)), fate })
      for (const { kept, fate } of all) await BEFALLS[fate]?.(installation.pathOf(kept.key))
      for (let i = 0; i < garbage; i++) await addGarbage()
      if (sums !== null) await gateway.sql(`UPDATE account SET used_bytes = $1`, [sums])

      const foreseen = await gateway.app.doctor.examine()
      const { findings, repaired } = await gateway.app.doctor.repair({ allowMany })
      if (allowMany) expect(findings).toEqual([])
      else
        expect(repaired.map(({ message }) => message)).toEqual(
          foreseen.findings.filter(({ remedy }) => remedy !== null).map(({ message }) => message),
        )
      for (const { kept, fate } of all.filter(({ fate }) => KEPT.has(fate)))
        expect([fate, await gateway.download(kept.mediaId)]).toEqual([
          fate,
          { status: 200, bytes: kept.bytes },
        ])

      await gateway.app.doctor.repair({ allowMany: true })
      expect((await gateway.app.doctor.examine()).findings).toEqual([])
      for (const { kept, fate } of all)
        expect([fate, (await gateway.download(kept.mediaId)).status]).toEqual([
          fate,
          KEPT.has(fate) ? 200 : 502,
        ])
    }),
    { numRuns: 15 },
  )
}, 300_000)
