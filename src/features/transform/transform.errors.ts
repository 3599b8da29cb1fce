import { defineErrors } from '../../platform/errors.ts'

export const transformErrors = defineErrors({
  INVALID_TRANSFORM: {
    status: 400,
    meaning: 'What is asked for of a picture is not allowed, contradicts itself, or is no recipe.',
  },
  PRESET_REQUIRED: {
    status: 403,
    meaning:
      'Pictures are made by preset only: without a signature for everybody, and for some accounts always.',
  },
  NO_PICTURE: { status: 404, meaning: 'There is no picture of this media, and none can be made of it.' },
  NOT_TRANSFORMABLE: {
    status: 422,
    meaning: 'The picture is damaged, too large, or would take too much to transform.',
  },
  RENDERERS_BUSY: {
    status: 503,
    meaning: 'More pictures wait to be made than may; try again after Retry-After.',
  },
})
