import { readdir } from 'node:fs/promises'
import { projectFile } from '../support/project-file.ts'
import { promises } from './harness.ts'
import { type JestRun, outcomesOf } from './outcomes.ts'
import { coveragePage, statedOutcomes } from './page.ts'
import { SYSTEMS } from './systems.ts'

const HERE = new URL('.', import.meta.url)
const KEPT = /\bkeeps\(\s*'([^']+)'/g

const systems = Object.entries(SYSTEMS)
const all = systems.flatMap(([, { promises }]) => Object.entries(promises))
const ids = all.map(([id]) => id)
const everyKept = new Map(ids.map(id => [id, 'kept'] as const))

describe('the list', () => {
  test.each(systems)('of %s has ids of its own form', (system, { promises }) => {
    const form = new RegExp(`^${system}-[A-Z]+-\\d{2}$`)
    expect(Object.keys(promises).filter(id => !form.test(id))).toEqual([])
  })

  test('quotes a line for each promise that is not ours alone, and says of each in a sentence what it means', () => {
    const isOurs = (id: string) => /-OURS-/.test(id)
    const isBeyond = (id: string) => /-(OURS|BOTH)-/.test(id)
    expect(all.filter(([id, { quote }]) => quote === '' && !isBeyond(id))).toEqual([])
    expect(all.filter(([id, { quote }]) => quote !== '' && isOurs(id))).toEqual([])
    expect(all.filter(([, { means }]) => !/^[^\s].*\.$/.test(means))).toEqual([])
  })
})

test.each(systems)('each promise of %s has a test in exactly one file', async (_, { folder, promises }) => {
  const found = new Map<string, string[]>(Object.keys(promises).map(id => [id, []]))
  for (const [id, file] of await testsIn(folder)) found.set(id, [...(found.get(id) ?? []), file])
  expect([...found].filter(([id, files]) => files.length !== 1 || !Object.hasOwn(promises, id))).toEqual([])
})

test('COVERAGE.md names every promise as kept, and is what the list makes', async () => {
  const page = await projectFile('test/acceptance/COVERAGE.md')
  const stated = statedOutcomes(page)
  expect(ids.filter(id => stated.get(id) !== 'kept')).toEqual([])
  expect(page).toBe(coveragePage(everyKept))
})

describe('the coverage', () => {
  const [first = '', second = '', third = '', fourth = ''] = ids
  const result = (id: string, status: string) => ({ title: `${id}: as promised`, status })
  const run = (...assertionResults: JestRun['testResults'][number]['assertionResults']): JestRun => ({
    success: true,
    testResults: [{ name: 'planted.test.ts', status: 'passed', assertionResults }],
  })

  test('counts what failed, was skipped or did not run as missing, with its quote', () => {
    const outcomes = outcomesOf(
      SYSTEMS.VONAGE.promises,
      run(
        result(first, 'failed'),
        result(second, 'pending'),
        result(third, 'todo'),
        result(fourth, 'passed'),
      ),
    )
    const page = coveragePage(outcomes)
    const total = Object.keys(SYSTEMS.VONAGE.promises).length
    expect(page).toContain(`| Vonage Media API v3 | ${total} | 1 | ${total - 4} | 2 | 1 |`)
    expect(page).toContain(`- ${first}, failing: “${all[0]?.[1].quote}”`)
    expect(page).toContain(`- ${second}, skipped: “`)
    expect(page).toContain(`- ${ids.at(-1)}, without a test: `)
    expect(page).not.toContain(`- ${fourth}, `)
    expect(statedOutcomes(page).get(third)).toBe('skipped')
    expect(statedOutcomes(page).size).toBe(ids.length)
  })

  test('takes the worst of more than one result, and none of a test that keeps nothing', () => {
    const outcomes = outcomesOf(
      SYSTEMS.VONAGE.promises,
      run(result(first, 'failed'), result(first, 'passed'), result('VONAGE-LIST-99', 'passed')),
    )
    expect(outcomes.get(first)).toBe('failing')
    expect(outcomes.has('VONAGE-LIST-99')).toBe(false)
  })
})

describe('keeps', () => {
  const keeps = promises({ 'PLANTED-TEST-01': { quote: '', means: 'It is run.' } })
  const titles: (string | undefined)[] = []
  keeps('PLANTED-TEST-01', () => titles.push(expect.getState().currentTestName))

  test('makes a test that is titled by id and meaning', () => {
    expect(titles).toEqual(['keeps PLANTED-TEST-01: It is run.'])
  })

  test('throws for an id a second time', () => {
    expect(() => keeps('PLANTED-TEST-01', () => undefined)).toThrow('PLANTED-TEST-01 has a test already')
  })

  test('throws for an id that is not promised', () => {
    const unknown = 'PLANTED-TEST-02' as 'PLANTED-TEST-01'
    expect(() => keeps(unknown, () => undefined)).toThrow('Nothing is promised as PLANTED-TEST-02')
  })
})

/** Each `keeps('ID'` in the test files below a folder, with its file. */
async function testsIn(folder: string): Promise<[id: string, file: string][]> {
  const names = await readdir(new URL(folder, HERE), { recursive: true })
  const files = names.filter(name => name.endsWith('.test.ts'))
  const found = files.map(async file => {
    const text = await projectFile(`test/acceptance/${folder}/${file}`)
    return [...text.matchAll(KEPT)].map(([, id = '']): [string, string] => [id, file])
  })
  return (await Promise.all(found)).flat()
}
