import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import sharp from 'sharp'
import type { TransformInput } from '../../src/features/transform/recipe/recipe.ts'
import { fixture } from '../support/fixtures.ts'
import { drawing, openRenderer, type Picture, picture, pixel, rendered, SVG } from '../support/rendered.ts'

const renderer = openRenderer()
const render = (of: Picture, input: TransformInput, by = renderer) => rendered(of, input, by)

const RED = [255, 0, 0]

describe('a drawing', () => {
  test('is drawn at the size that is asked for, not enlarged from pixels', async () => {
    const edge = drawing(`<svg ${SVG}><rect width="10" height="20" fill="#ff0000"/></svg>`)
    const { data } = await render(edge, { width: 2000, height: 2000, background: 'fff', format: 'PNG' })
    expect(await pixel(data, 998, 1000)).toEqual(RED)
    expect(await pixel(data, 1001, 1000)).toEqual([255, 255, 255])
  })

  test('opens no file and no address, whatever it refers to', async () => {
    let asked = 0
    const server = createServer((_, answer) => {
      asked++
      answer.end()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.png`
    const file = fixture('photo.png').path
    const style = new URL(`file://${fixture('vector.svg').path}`)
    try {
      for (const markup of [
        ...[address, file, `file://${file}`, 'photo.png', '../fixtures/photo.png'].flatMap(target => [
          `<image href="${target}" width="20" height="20"/>`,
          `<image xlink:href="${target}" width="20" height="20"/>`,
          `<filter id="f"><feImage href="${target}"/></filter><rect filter="url(#f)" width="20" height="20"/>`,
          `<style>rect { fill: url("${target}") } @import url("${target}");</style>`,
        ]),
        `<use href="${style.href}#a"/>`,
        `<text y="15"><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" href="/etc/passwd"/></text>`,
      ]) {
        const { data } = await render(drawing(`<svg ${SVG}>${markup}</svg>`), { format: 'PNG' })
        const empty = await render(drawing(`<svg ${SVG}><rect/></svg>`), { format: 'PNG' })
        // Whatever it wanted to show is not there.
        const [seen, nothing] = await Promise.all(
          [data, empty.data].map(bytes => sharp(bytes).flatten({ background: '#000' }).raw().toBuffer()),
        )
        expect(seen).toEqual(nothing)
      }
      const entity = `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg ${SVG}><text y="15">&x;</text></svg>`
      await expect(render(drawing(entity), { format: 'PNG' })).rejects.toMatchObject({ status: 422 })
      expect(asked).toBe(0)
    } finally {
      server.close()
    }
  }, 120_000)

  test('of which a strip is stretched far is drawn within bounds', async () => {
    const crop = { x: 0.86, y: 0.06, width: 0.01, height: 0.7 }
    const { size } = await render(picture('vector.svg'), {
      crop,
      width: 1760,
      height: 2000,
      fit: 'FILL',
      rotate: 270,
      format: 'PNG',
    })
    expect(size).toEqual({ width: 1760, height: 2000 })
  })

  test('that would never end is refused', async () => {
    const laughs = Array.from({ length: 9 }, (_, n) => `<!ENTITY a${n + 1} "${`&a${n};`.repeat(10)}">`).join(
      '',
    )
    const uses = Array.from(
      { length: 9 },
      (_, n) => `<g id="u${n + 1}">${`<use href="#u${n}"/>`.repeat(10)}</g>`,
    ).join('')
    for (const bomb of [
      `<!DOCTYPE svg [<!ENTITY a0 "lol">${laughs}]><svg ${SVG}><text y="9">&a9;</text></svg>`,
      `<svg ${SVG}><defs><rect id="u0" width="1" height="1"/>${uses}</defs><use href="#u9"/></svg>`,
      `<svg ${SVG.replace('"20"', '"1000000"')}><rect width="100%" height="100%"/></svg>`,
    ])
      await expect(render(drawing(bomb), { format: 'PNG' })).rejects.toMatchObject({
        code: 'NOT_TRANSFORMABLE',
      })
  }, 120_000)

  test('is shown without what it would run', async () => {
    const { metadata } = await render(picture('hostile-script.svg'), { format: 'PNG' })
    expect(metadata).toMatchObject({ width: 40, height: 20, format: 'png' })
  })
})
