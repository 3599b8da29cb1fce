import { svgSize } from '../../src/features/insight/isolated/svg-size.ts'
import { fixture } from '../support/fixtures.ts'

const size = (attributes: string, prolog = '') =>
  svgSize(Buffer.from(`${prolog}<svg ${attributes}><g/></svg>`))

test.each([
  ['width="123" height="456"', 123, 456],
  ["height = '20px'\n\twidth='40.4px'", 40, 20],
  ['width="1in" height="2.54cm"', 96, 96],
  ['width="10mm" height="3pc" viewBox="0 0 1 1"', 38, 48],
  ['width="72PT" height="1e0" id="a>b" data-width="9" style="width:9px" height="1"', null, null],
])('the root tag %s states the size %d × %d', (attributes, width, height) => {
  expect(size(attributes)).toEqual(width && height ? { width, height } : null)
})

test.each([
  'viewBox="0 0 10 20"',
  'width="10"',
  'width="100%" height="1em"',
  'width="0" height="5"',
  'width="-3" height="5"',
])('the root tag %s states no size in pixels', attributes => {
  expect(size(attributes)).toBeNull()
})

test.each(['&size;', '9'.repeat(400), '1e9', '9999999', 'NaN'])('a width of %s is no fact', width => {
  expect(size(`width="${width}" height="5"`, '<!DOCTYPE svg [<!ENTITY size "7">]>')).toBeNull()
})

test('comments, doctype and instructions before the root do not matter', () => {
  const prolog =
    '<?xml version="1.0"?><!-- <svg width="1" height="1"> --><!DOCTYPE svg [<!ENTITY a "<svg>">]>\n<?x y?>'
  expect(size('width="5" height="6"', prolog)).toEqual({ width: 5, height: 6 })
})

test('entities that refer to each other are not expanded', () => {
  const entities = Array.from({ length: 30 }, (_, i) => `<!ENTITY e${i + 1} "&e${i};&e${i};&e${i};&e${i};">`)
  expect(size('width="5" height="6" id="&e30;"', `<!DOCTYPE svg [${entities.join('')}]>`)).toEqual({
    width: 5,
    height: 6,
  })
})

test('what has no svg root is no SVG', () => {
  for (const text of [
    '',
    'svg',
    '<html/>',
    '<!-- <svg width="1" height="1"/>',
    '<SVG width="1" height="1"/>',
  ]) {
    expect(svgSize(Buffer.from(text))).toBeUndefined()
  }
})

test('the size of the real files is the stated one', () => {
  expect(svgSize(fixture('vector.svg').bytes())).toEqual({ width: 123, height: 456 })
  expect(svgSize(fixture('vector-viewbox-only.svg').bytes())).toBeNull()
  expect(svgSize(fixture('hostile-script.svg').bytes())).toEqual({ width: 40, height: 20 })
})
