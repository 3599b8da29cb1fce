import { Field, Float, InputType, Int, registerEnumType } from 'type-graphql'
import { DPR, FITS, FORMATS, GRAVITIES, OPERATIONS } from '../recipe/operations.ts'
import type { TransformInput } from '../recipe/recipe.ts'
import type { Point, Region } from '../recipe/value-kinds.ts'

/** The words of a choice as an enum of GraphQL. */
function enumOf(name: string, words: Readonly<Record<string, string>>, description: string) {
  const values = Object.fromEntries(Object.keys(words).map(word => [word, word]))
  const described = Object.entries(words).map(([word, about]) => [word, { description: about }])
  registerEnumType(values, { name, description, valuesConfig: Object.fromEntries(described) })
  return values
}

export const ImageFit = enumOf('ImageFit', FITS, 'How a picture comes into a box of width and height.')
export const ImageGravity = enumOf('ImageGravity', GRAVITIES, 'What stays in view, and where a picture lies.')
export const ImageFormat = enumOf('ImageFormat', FORMATS, 'What a picture is made as.')

const part = (what: string) => ({ description: `${what}, as a part of the whole: 0 to 1.` })

@InputType('ImagePoint', { description: 'A place in a picture, as it is shown.' })
export class ImagePoint implements Point {
  @Field(() => Float, part('From the left')) x: number
  @Field(() => Float, part('From the top')) y: number
}

@InputType('ImageRegion', { description: 'A part of a picture, as it is shown.' })
export class ImageRegion implements Region {
  @Field(() => Float, part('From the left')) x: number
  @Field(() => Float, part('From the top')) y: number
  @Field(() => Float, part('Width')) width: number
  @Field(() => Float, part('Height')) height: number
}

const CHOICES: Readonly<Record<string, object>> = {
  fit: ImageFit,
  gravity: ImageGravity,
  format: ImageFormat,
}
const SHAPES = {
  integer: () => Int,
  decimal: () => Float,
  flag: () => Boolean,
  colour: () => String,
  point: () => ImagePoint,
  region: () => ImageRegion,
  choice: (name: string) => CHOICES[name],
} as const

@InputType('ImageTransform', {
  description:
    'What to make of a picture: cropped, fitted into a box, mirrored, turned, sharpened, in this order, and written in a format.',
})
export class ImageTransform implements TransformInput {
  [name: string]: unknown
}

/** Each operation of the table is a field. */
for (const [name, { value, about }] of Object.entries({ ...OPERATIONS, dpr: DPR })) {
  const allowed = value.shape === 'choice' || value.shape === 'flag' ? '' : ` ${capital(value.allowed)}.`
  Field(() => SHAPES[value.shape](name) as never, { nullable: true, description: about + allowed })(
    ImageTransform.prototype,
    name,
  )
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
