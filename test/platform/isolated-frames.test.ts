import fc from 'fast-check'
import {
  bytesFrames,
  FRAME_KINDS,
  FrameReader,
  frameHeader,
  jsonFrame,
} from '../../src/platform/isolated/frames.ts'

const MIB = 1024 * 1024

describe('frames', () => {
  test('are put together again from chunks of any size', () => {
    const sent = fc.array(fc.tuple(fc.constantFrom(...FRAME_KINDS), fc.uint8Array({ maxLength: 300 })))
    fc.assert(
      fc.property(sent, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (frames, cuts) => {
        const wire = Buffer.concat(
          frames.flatMap(([kind, payload]) => [frameHeader(kind, payload.length), Buffer.from(payload)]),
        )
        const reader = new FrameReader()
        const heard: Array<[string, string]> = []
        for (let at = 0, turn = 0; at < wire.length; turn++) {
          const length = cuts[turn % cuts.length] as number
          for (const { kind, payload } of reader.push(wire.subarray(at, at + length)))
            heard.push([kind, payload.toString('hex')])
          at += length
        }
        expect(heard).toEqual(frames.map(([kind, payload]) => [kind, Buffer.from(payload).toString('hex')]))
      }),
    )
  })

  test('of a large payload are several, none longer than allowed', () => {
    const parts = [
      ...new FrameReader().push(Buffer.concat([...bytesFrames('made', Buffer.alloc(2.5 * MIB, 7))])),
    ]
    expect(parts.map(({ payload }) => payload.length)).toEqual([MIB, MIB, MIB / 2])
  })

  test.each([
    ['of an unknown kind', Buffer.from([0, 0, 0, 0, 99])],
    ['of four gigabytes', Buffer.from([255, 255, 255, 255, 1])],
    ['that are text', Buffer.from('{"width":1}')],
  ])('%s are refused before anything is allocated', (_what, bytes) => {
    expect(() => [...new FrameReader().push(bytes)]).toThrow('no frame')
  })

  test('of JSON say what they were given', () => {
    const [frame] = [...new FrameReader().push(jsonFrame('done', { a: 'ä' }))]
    expect(JSON.parse(String(frame?.payload))).toEqual({ a: 'ä' })
  })
})
