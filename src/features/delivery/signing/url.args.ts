import { ArgsType, Field, Int } from 'type-graphql'
import { Disposition } from './disposition.ts'
import { DEFAULT_LIFETIME, LONGEST_LIFETIME, type UrlOptions } from './media-urls.ts'

/** What is said about a URL that is asked for. */
@ArgsType()
export class UrlArgs implements UrlOptions {
  @Field(() => Int, {
    defaultValue: DEFAULT_LIFETIME,
    description: `How long a signed URL is valid, in seconds: 1 to ${LONGEST_LIFETIME}. It may end up to a sixtieth of that earlier.`,
  })
  expiresIn: number
  @Field(() => Disposition, {
    defaultValue: Disposition.INLINE,
    description: 'Whether a browser shows or saves it.',
  })
  disposition: Disposition
}
