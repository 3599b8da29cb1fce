import { type FileHandle, open } from 'node:fs/promises'
import { PassThrough, Readable } from 'node:stream'
import { recipeOf } from '../../src/features/transform/recipe/recipe.ts'
import { Renderer, type RenderRequest, renderDefaults } from '../../src/features/transform/render/renderer.ts'
import { fixture } from '../support/fixtures.ts'

const renderer = new Renderer({ limits: { ...renderDefaults, processes: 1, queue: 10 } })
afterAll(() => renderer.close())

describe('a picture that lies in a file', () => {
  const asked = (more: Partial<RenderRequest>): RenderRequest => ({
    recipe: recipeOf({ width: 20, format: 'PNG' }),
    mimeType: 'image/png',
    size: fixture('photo.png').bytes().length,
    open: async ({ start, end }) =>
      Readable.from([
        fixture('photo.png')
          .bytes()
          .subarray(start, end + 1),
      ]),
    sink: new PassThrough().resume(),
    isWanted: () => true,
    ...more,
  })

  test('is read from there, and the file is closed, whatever becomes of it', async () => {
    for (const mimeType of ['image/png', 'image/svg+xml']) {
      let file: FileHandle | undefined
      const openFile = async () => {
        file = await open(fixture('photo.png').path)
        return file
      }
      const outcome = await renderer
        .render(asked({ openFile, mimeType }))
        .catch((error: { status: number }) => error.status)
      expect(outcome).toEqual(mimeType === 'image/png' ? { width: 20, height: expect.any(Number) } : 422)
      expect(file?.fd).toBe(-1)
    }
  })

  test('is asked of the store where there is no file, and what the store says is told', async () => {
    expect(await renderer.render(asked({ openFile: async () => null }))).toMatchObject({ width: 20 })
    const away = new Error('the store is away')
    const openFile = () => Promise.reject(away)
    await expect(renderer.render(asked({ openFile }))).rejects.toBe(away)
  })
})
