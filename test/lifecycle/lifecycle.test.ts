import '../support/properties.ts'
import fc from 'fast-check'
import { startApp, type TestApp } from '../support/app.ts'
import { countOf } from '../support/counts.ts'
import { GatewayLibrary, SITE } from './gateway-library.ts'
import { type Command, LibraryModel } from './library-model.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp(SITE)
})
afterAll(() => gateway.close())

const item = fc.nat({ max: 3 })
const content = fc.nat({ max: 1_000_000 })
const odd = fc.nat({ max: 12 }).map(n => 2 * n + 1)
const hours = fc.option(odd, { nil: null })
const of = <Kind extends Command['kind']>(kind: Kind) => fc.record({ kind: fc.constant(kind), item })

const commands = (crashes: number): fc.Arbitrary<Command> =>
  fc.oneof(
    { weight: 20, arbitrary: fc.record({ kind: fc.constant('upload' as const), content, hours }) },
    { weight: 12, arbitrary: fc.record({ kind: fc.constant('replace' as const), item, content }) },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('update' as const),
        item,
        title: fc
          .string({ minLength: 1, unit: 'binary-ascii' })
          .map(text => `t${text.replace(/[^\w]/g, '-')}`),
      }),
    },
    { weight: 12, arbitrary: fc.record({ kind: fc.constant('keep' as const), item, hours }) },
    ...(['delete', 'restore', 'purge', 'hold', 'release'] as const).map(kind => ({
      weight: kind === 'purge' ? 6 : 10,
      arbitrary: of(kind) as fc.Arbitrary<Command>,
    })),
    {
      weight: 12,
      arbitrary: fc.record({
        kind: fc.constant('pass' as const),
        hours: fc.nat({ max: 30 }).map(n => 2 * n),
      }),
    },
    { weight: 14, arbitrary: fc.constant({ kind: 'sweep' } as const) },
    {
      weight: crashes,
      arbitrary: fc.record({
        kind: fc.constant('crash' as const),
        item,
        work: fc.constantFrom('upload' as const, 'replace' as const, 'purge' as const),
        committed: fc.boolean(),
        content,
      }),
    },
  )

let runs = 0
async function sameAsModel(sequence: readonly Command[]): Promise<void> {
  const library = await GatewayLibrary.create(gateway, `library${runs++}`)
  const model = new LibraryModel()
  for (const [n, command] of sequence.entries()) {
    const outcome = await library.do(command, model)
    // The gateway comes first: it looks up what the model is about to change.
    expect({ n, command, outcome }).toEqual({ n, command, outcome: model.do(command) })
    expect(await library.state(model)).toEqual(
      model.items.map(known => (known.isGone ? { isGone: true } : known)),
    )
    const touched = 'item' in command ? model.indexOf(command) : model.items.length - 1
    const known = model.items[touched]
    if (known) {
      expect(await library.content(touched, known)).toEqual({ status: model.statusOf(known), isRight: true })
    }
  }
  const left = model.items.filter(({ isGone }) => !isGone)
  expect(await library.used()).toEqual({ used: library.bytesOf(left), reserved: 0 })
  for (const [item, known] of model.items.entries()) {
    for (; known.holds > 0; known.holds--) await library.do({ kind: 'release', item }, model)
    if (!known.isGone) expect(await library.do({ kind: 'purge', item }, model)).toBe('done')
  }
  expect([await library.used(), await library.blobs()]).toEqual([{ used: 0, reserved: 0 }, 0])
}

test('whatever is done to a library, it is what a model of it is, and leaves nothing behind', async () => {
  const sequences = fc.array(commands(countOf({ daily: 0, thorough: 1 })), { minLength: 3, maxLength: 25 })
  await fc.assert(fc.asyncProperty(sequences, sameAsModel), {
    numRuns: countOf({ daily: 25, thorough: 2_000 }),
  })
}, 7_200_000)

test('a process that dies on the way has done all of it or nothing', async () => {
  const works = ['upload', 'replace', 'purge'] as const
  await sameAsModel([
    { kind: 'upload', content: 1, hours: 5 },
    { kind: 'upload', content: 2, hours: null },
    ...works.flatMap((work, n) =>
      [false, true].map(committed => ({ kind: 'crash', item: 1, work, committed, content: 10 + n }) as const),
    ),
    { kind: 'pass', hours: 60 },
    { kind: 'sweep' },
  ])
}, 300_000)
