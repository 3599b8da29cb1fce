import { ArgsType, Field, Int, ObjectType } from 'type-graphql'
import { DEFAULT_LIFETIME, LONGEST_LIFETIME } from '../../delivery/signing/media-urls.ts'
import { UrlArgs } from '../../delivery/signing/url.args.ts'
import { ImageFormat, ImageTransform } from './transform.inputs.ts'

const maybe = (description: string) => ({ nullable: true, description })

@ObjectType('Image', { simpleResolvers: true, description: 'A picture made of a media.' })
export class ImageType {
  @Field(() => String, {
    description:
      'Where it can be fetched, by whoever has the URL until that expires. It is made when it is fetched first.',
  })
  url: string
  @Field(() => Int, maybe('Width in pixels; null where the size of the media is not known.'))
  width: number | null
  @Field(() => Int, maybe('Height in pixels; null where the size of the media is not known.'))
  height: number | null
  @Field(() => ImageFormat, maybe('What it is; null for AUTO, where that depends on who fetches it.'))
  format: string | null
}

@ObjectType('ImageCandidate', {
  simpleResolvers: true,
  description: 'The same picture in one of several widths.',
})
export class ImageCandidate {
  @Field(() => String, { description: 'Where it can be fetched.' }) url: string
  @Field(() => Int, {
    description:
      'Its width in pixels, which may be less than was asked for: nothing is enlarged unless `enlarge` says so.',
  })
  width: number
}

@ObjectType('ImageSet', {
  simpleResolvers: true,
  description: 'The same picture in several widths, for a page to choose from.',
})
export class ImageSet {
  @Field(() => String, {
    description: 'The text of the attribute `srcset` of an `<img>`; give it `sizes`, too.',
  })
  srcset: string
  @Field(() => [ImageCandidate], { description: 'The pictures, each width once, from the narrowest.' })
  candidates: ImageCandidate[]
}

/** What is asked for of a picture. */
@ArgsType()
export class ImageArgs extends UrlArgs {
  @Field(() => ImageTransform, maybe('What to make of it.')) transform?: ImageTransform | null
  @Field(() => String, maybe('The name of what to make of it, instead of `transform`.')) preset?:
    | string
    | null
}

@ArgsType()
export class SrcsetArgs {
  @Field(() => [Int], { description: 'Widths in pixels: 1 to 20 of them.' }) widths: number[]
  @Field(
    () => ImageTransform,
    maybe('What to make of it. Of width and height, which come together, only the shape counts.'),
  )
  transform?: ImageTransform | null
  @Field(() => Int, {
    defaultValue: DEFAULT_LIFETIME,
    description: `How long signed URLs are valid, in seconds: 1 to ${LONGEST_LIFETIME}.`,
  })
  expiresIn: number
}
