import { startApp, type TestApp } from '../support/app.ts'
import { commandLine } from '../support/command-line.ts'
import { fixture } from '../support/fixtures.ts'
import { processed, startPipeline } from '../support/processing.ts'

let gateway: TestApp
let pipeline: { stop(): Promise<void> }
beforeAll(async () => {
  gateway = await startApp()
  pipeline = await startPipeline(gateway)
})
afterAll(async () => {
  await pipeline.stop()
  await gateway.close()
})

const upload = async (name: string) =>
  (await gateway.upload({ bytes: fixture(name).bytes(), fileName: name })).media.id as string
const reprocess = async (...args: string[]) =>
  (await commandLine(gateway)('reprocess', '--json', ...args)).json()
const sql = (text: string, values: unknown[] = []) => gateway.app.foundation.database.query(text, values)

test('a library from before is looked at by one command, and then there is nothing left of it', async () => {
  const ids = [await upload('photo.png'), await upload('photo-iphone-gps.jpg'), await upload('audio.mp3')]
  await gateway.upload({ bytes: Buffer.from('has nothing to be looked at') })
  await processed(gateway)
  // As they were before there was a pipeline.
  await sql('DELETE FROM processing_step')
  await sql(`UPDATE media SET facts = NULL, duration_seconds = NULL`)
  expect(await reprocess('--dry-run')).toEqual({ which: 'new', count: 3, dryRun: true })
  expect(await reprocess('--account', 'other')).toMatchObject({ count: 0 })
  expect(await reprocess()).toMatchObject({ count: 3 })
  await processed(gateway)
  expect(await sql(`SELECT id FROM media WHERE facts IS NOT NULL ORDER BY id`)).toEqual(
    ids.map(id => ({ id })),
  )
  expect(await reprocess()).toMatchObject({ count: 0 })
})

test('what was looked at before there was a step that it needs is looked at again', async () => {
  const [photo, song] = [await upload('photo-grid-turned.heic'), await upload('audio.mp3')]
  await processed(gateway, [photo, song])
  expect(await reprocess('--dry-run')).toMatchObject({ count: 0 })
  // As it was while nothing here decoded it.
  await sql(`DELETE FROM processing_step WHERE media_id = $1 AND step = 'preview'`, [photo])
  await sql(`UPDATE media SET facts = facts - 'placeholder' WHERE id = $1`, [photo])
  expect(await reprocess()).toMatchObject({ count: 1 })
  await processed(gateway, [photo])
  const [row] = await sql(`SELECT facts ? 'placeholder' AS shown FROM media WHERE id = $1`, [photo])
  expect(row).toEqual({ shown: true })
  expect(await reprocess()).toMatchObject({ count: 0 })
})

test('what has failed is tried again, and what is under way is left alone', async () => {
  const id = await upload('bad-corrupt-header.jpg')
  await processed(gateway, [id])
  expect(await reprocess('--which', 'failed')).toMatchObject({ count: 1 })
  await processed(gateway, [id])
  await sql(`UPDATE media SET status = 'PROCESSING' WHERE id = $1`, [id])
  expect(await reprocess('--which', 'failed')).toMatchObject({ count: 0 })
  await sql(`UPDATE media SET status = 'FAILED', status_reason = 'x' WHERE id = $1`, [id])
})

test('a word that names no media ends with 2, and says which there are', async () => {
  const { code, errors } = await commandLine(gateway)('reprocess', '--which', 'some')
  expect([code, errors]).toEqual([2, expect.stringMatching(/new, failed, all/)])
})
