import { expect, test } from '@jest/globals'
import { downloadName } from '../../src/features/types/download-name.ts'
import { EXTENSIONS } from '../../src/features/types/extensions.ts'

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'

test.each([
  ['photo.jpg', 'image/png', 'photo.png'],
  ['photo.JPEG', 'image/jpeg', 'photo.JPEG'],
  ['scan.tiff', 'image/tiff', 'scan.tiff'],
  ['song.mp4', 'audio/mp4', 'song.mp4'],
  ['song.mp3', 'audio/mp4', 'song.m4a'],
  ['photo', 'image/webp', 'photo.webp'],
  ['v1.2', 'image/png', 'v1.2.png'],
  ['a.b.gif', 'image/png', 'a.b.png'],
  ['.hidden', 'image/png', '.hidden.png'],
  ['dot.', 'image/png', 'dot..png'],
  ['upload.bin', 'application/pdf', 'upload.pdf'],
  ['page.png', 'text/html', 'page.html'],
  ['notes.html', 'text/plain', 'notes.txt'],
  ['program.py', 'text/plain', 'program.py'],
  ['README', 'text/plain', 'README.txt'],
  ['app.jar', 'application/zip', 'app.jar'],
  ['photo.jpg', 'application/zip', 'photo.zip'],
  ['app.jar', 'image/png', 'app.jar.png'],
  ['letter.doc', DOCX, 'letter.docx'],
  ['archive.tar.gz', 'application/gzip', 'archive.tar.gz'],
  ['what.ever', 'application/octet-stream', 'what.ever'],
  ['what', 'application/x-unheard-of', 'what'],
  ['новости.jpg', 'image/png', 'новости.png'],
  ['a\nb.jpg', 'image/png', 'a\nb.png'],
])('%j that is %s is saved as %j', (fileName, mimeType, name) => {
  expect(downloadName(fileName, mimeType)).toBe(name)
})

test('an operator may say which extension a type has', () => {
  expect(downloadName('a.txt', 'text/plain', 'log')).toBe('a.log')
  expect(downloadName('a', 'application/x-unheard-of', 'abc')).toBe('a.abc')
  expect(downloadName('a.jar', 'application/zip', 'pack')).toBe('a.jar.pack')
})

test('what a name has become stays as it is', () => {
  for (const mimeType of Object.keys(EXTENSIONS))
    for (const name of ['a', 'a.jpg', 'a.odd', 'a.html']) {
      const once = downloadName(name, mimeType)
      expect(downloadName(once, mimeType)).toBe(once)
    }
})
