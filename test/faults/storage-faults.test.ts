import '../../src/app.ts'
import { errorCodes } from '../../src/platform/errors.ts'
import { projectFile } from '../support/project-file.ts'
import { faultTable, REFUSALS } from './s3/faults.ts'

test('docs/storage-faults.md has the table that the scenarios hold the gateway to', async () => {
  const rows = (await projectFile('docs/storage-faults.md')).match(/^\|.*\|$/gm)
  expect(rows?.join('\n')).toBe(faultTable())
})

test('the refusals of a broken store have the statuses that their codes are declared with', () => {
  const declared = new Map(errorCodes().map(([code, { status }]) => [code, status]))
  const refusals = Object.entries(REFUSALS)
  expect(refusals.map(([code, { status }]) => [code, status])).toEqual(
    refusals.map(([code]) => [code, declared.get(code)]),
  )
})
