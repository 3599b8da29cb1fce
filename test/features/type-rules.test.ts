import { describe, expect, test } from '@jest/globals'
import type { MediaDoor } from '../../src/features/media/media-door.ts'
import { typeRulesConfig } from '../../src/features/types/type-rules.config.ts'
import { type TypeRule, TypeRules } from '../../src/features/types/type-rules.ts'
import { kindOf } from '../../src/features/upload/sniff/kind-of.ts'

const GIB = 2 ** 30

function rulesOf(text: string): TypeRules {
  const parsed = typeRulesConfig.TYPE_RULES.parse(text)
  if (!('value' in parsed)) throw new Error(parsed.allowed)
  return new TypeRules({ rules: parsed.value, maxBytes: GIB, kindOf })
}

const TAKEN = { isTaken: true, maxSize: GIB, extension: null }

describe('TYPE_RULES', () => {
  test.each([
    [
      'without a rule for it a type is taken',
      'account:b=refuse',
      'a',
      'image/png',
      { ...TAKEN, kind: 'IMAGE' },
    ],
    [
      'a limit of a kind',
      'kind:IMAGE=max:20MB',
      'a',
      'image/png',
      { ...TAKEN, maxSize: 20e6, kind: 'IMAGE' },
    ],
    ['which is none of another', 'kind:IMAGE=max:20MB', 'a', 'video/mp4', { ...TAKEN, kind: 'VIDEO' }],
    ['no limit above that of the gateway', '*=max:5GiB', 'a', 'text/plain', { ...TAKEN, kind: 'DOCUMENT' }],
    [
      'a list of what is taken',
      'account:a+kind:IMAGE=accept account:a=refuse',
      'a',
      'image/png',
      { ...TAKEN, kind: 'IMAGE' },
    ],
    [
      'and of nothing else',
      'account:a+kind:IMAGE=accept account:a=refuse',
      'a',
      'text/csv',
      { ...TAKEN, isTaken: false, kind: 'DOCUMENT' },
    ],
    [
      'but for that account alone',
      'account:a+kind:IMAGE=accept account:a=refuse',
      'b',
      'text/csv',
      { ...TAKEN, kind: 'DOCUMENT' },
    ],
    ['a pattern', 'type:image/*=refuse', 'a', 'image/png', { ...TAKEN, isTaken: false, kind: 'IMAGE' }],
    [
      'a type with a plus sign',
      'account:a+type:image/svg+xml=refuse',
      'a',
      'image/svg+xml',
      { ...TAKEN, isTaken: false, kind: 'IMAGE' },
    ],
    [
      'each part by the first rule that speaks of it',
      'type:image/png=max:1MB type:image/*=refuse,max:2MB',
      'a',
      'image/png',
      { ...TAKEN, isTaken: false, maxSize: 1e6, kind: 'IMAGE' },
    ],
    [
      'a kind of its own, by which other rules go',
      'type:model/obj=kind:DOCUMENT,extension:obj kind:DOCUMENT=max:3KB',
      'a',
      'model/obj',
      { isTaken: true, maxSize: 3000, kind: 'DOCUMENT', extension: 'obj' },
    ],
  ] as const)('%s: %s', (_, text, account, type, terms) => {
    expect(rulesOf(text).termsOf(account, type)).toEqual(terms)
  })

  test.each([
    'accept',
    '=accept',
    'kind:IMAGE',
    'kind:PICTURE=accept',
    'kind:IMAGE=max:big',
    'kind:IMAGE=kind:FILE',
    'type:png=accept',
    'type:image/png+type:image/gif=accept',
    '*=accept,refuse',
    '*=max:1MB,max:2MB',
    '*=extension:a/b',
    'account:a+*=accept',
    'door:nowhere=refuse',
    'door:tus+door:upload=refuse',
  ])('%j is refused', text => {
    expect(typeRulesConfig.TYPE_RULES.parse(text)).toHaveProperty('allowed')
  })
})

describe('rules of doors', () => {
  const ofDoors: TypeRule[] = [
    { door: 'cms', type: 'image/png', says: { isTaken: true } },
    { door: 'cms', says: { isTaken: false } },
    { door: 'cms', kind: 'IMAGE', says: { maxSize: 1_000 } },
    { door: 'cms', kind: 'VIDEO', says: { maxSize: 5_000 } },
  ]
  const rules = (text: string) => {
    const parsed = typeRulesConfig.TYPE_RULES.parse(text)
    if (!('value' in parsed)) throw new Error(parsed.allowed)
    return new TypeRules({ rules: parsed.value, ofDoors, maxBytes: GIB, kindOf })
  }
  const said = (text: string, type: string, door?: MediaDoor) => {
    const { isTaken, maxSize } = rules(text).termsOf('a', type, door)
    return [isTaken, maxSize]
  }

  test('a rule that names a door speaks of no other, nor where none is asked about', () => {
    const text = 'door:tus+type:image/png=refuse'
    expect(said(text, 'image/png', 'tus')).toEqual([false, GIB])
    expect(said(text, 'image/png', 'ticket')).toEqual([true, GIB])
    expect(said(text, 'image/png')).toEqual([true, GIB])
  })

  test.each([
    ['what a door takes less of holds by itself', 'account:b=refuse', 'image/png', [true, 1_000]],
    ['and of what it does not take', 'account:b=refuse', 'image/gif', [false, 1_000]],
    ['a general rule does not open it', '*=accept,max:9KB', 'image/gif', [false, 1_000]],
    ['but narrows it', 'type:image/png=refuse,max:200', 'image/png', [false, 200]],
    ['a rule that names the door has the say', 'door:cms+type:image/gif=accept', 'image/gif', [true, 1_000]],
    ['of each part alone', 'door:cms+kind:IMAGE=max:3KB', 'image/gif', [false, 3_000]],
  ] as const)('%s', (_, text, type, terms) => {
    expect(said(text, type, 'cms')).toEqual(terms)
  })

  test('the largest size of a door is known before a file has come, unless a rule of the operator names it', () => {
    expect(rules('*=max:9KB').mostOf('cms')).toBe(5_000)
    expect(rules('*=max:9KB').mostOf('tus')).toBe(GIB)
    expect(rules('door:cms+type:image/gif=accept').mostOf('cms')).toBe(GIB)
  })
})
