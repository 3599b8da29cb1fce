import { type ConfigTable, text } from '../../platform/config.ts'

export const ffmpegConfig = {
  FFMPEG_PATH: {
    default: null as string | null,
    defaultText: 'looked for where systems put programs',
    about:
      'The ffmpeg that posters of videos are decoded with. Without one, videos have no poster, and say so.',
    parse: text(/^\//, 'an absolute path'),
  },
} satisfies ConfigTable
