import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { checkStorageUrl, openDriver } from '../../src/platform/storage/storage-url.ts'
import { bodyOf, freshKey } from '../../src/platform/storage/suite/store-under-test.ts'

describe('a storage URL', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'storage url %20 '))
  })

  afterEach(async () => rm(folder, { recursive: true }))

  it.each([
    ['an absolute path', () => `file:${folder}/files`],
    ['a relative path', () => `file:${relative(process.cwd(), folder)}/files`],
    ['a URL of RFC 8089', () => `${pathToFileURL(folder)}/files`],
  ])('opens a folder by %s', async (_form, url) => {
    checkStorageUrl(url())
    const driver = await openDriver(url())
    const key = freshKey()
    await driver.write(key, bodyOf(Buffer.from('here')), {})
    expect(driver.name).toBe('file')
    expect((await stat(join(folder, 'files', key))).size).toBe(4)
  })

  it('opens a store of its own in memory each time', async () => {
    const [one, two] = [await openDriver('memory:'), await openDriver('memory:')]
    const key = freshKey()
    await one.write(key, bodyOf(Buffer.from('here')), {})
    expect(one.name).toBe('memory')
    expect(await two.read(key)).toBeNull()
  })

  it.each([
    [
      '',
      'begins with a scheme; allowed are: file:PATH, s3://BUCKET/PREFIX?endpoint=URL, azure://CONTAINER/PREFIX, memory:',
    ],
    ['./files', 'begins with a scheme'],
    ['ftp://user:secret@host/', 'there is no storage scheme "ftp:"; allowed are: file:PATH, s3://'],
    ['constructor:', 'there is no storage scheme "constructor:"'],
    ['file:', 'the path is missing; allowed is: file:PATH'],
    ['file:a\0b', 'a path has no NUL'],
    ['file://files', 'file:///srv/files'],
    ['memory:somewhere', 'nothing may follow "memory:"'],
  ])('%j is refused with what is wrong and what is allowed', async (url, message) => {
    expect(() => checkStorageUrl(url)).toThrow(message)
    await expect(openDriver(url)).rejects.toThrow(message)
    expect(() => checkStorageUrl(url)).not.toThrow('secret')
  })
})
