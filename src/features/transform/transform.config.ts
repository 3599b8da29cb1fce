import { bytes, type ConfigTable, integer } from '../../platform/config.ts'
import { type PresetRule, type PresetsOnly, presetRules, presetsOnly } from './presets/preset-rules.ts'

const GIB = 1024 ** 3

export const transformConfig = {
  IMAGE_RENDERERS: {
    default: 2,
    about: 'Processes that make pictures at the same time, each with 512 MiB at most.',
    parse: integer(1, 64),
  },
  IMAGE_QUEUE: {
    default: 100,
    about: 'Pictures that may wait for one of them; more are answered with 503.',
    parse: integer(0, 10_000),
  },
  IMAGE_PRESETS: {
    default: [] as readonly PresetRule[],
    defaultText: '`thumbnail=w400-h400-finside-webp`, which every account has unless it is given another one',
    about:
      'Named recipes of pictures, parted by blanks: `NAME=RECIPE`, or `account:ID+NAME=RECIPE` for one account. Who may fetch a media may have these without a signature.',
    parse: presetRules,
  },
  IMAGE_PRESETS_ONLY: {
    default: 'none' as PresetsOnly,
    about: 'Accounts that have pictures by preset alone: `none`, `all`, or ids parted by commas.',
    parse: presetsOnly,
  },
  VARIANT_CACHE_BYTES: {
    default: 10 * GIB,
    defaultText: '10 GiB',
    about:
      'Bytes of pictures made of media that an account keeps; those that were not asked for the longest go first.',
    parse: bytes,
  },
} satisfies ConfigTable
