import { Extensions, Field, Int, ObjectType } from 'type-graphql'
import type { FacetCount, MediaFacets } from './facets.ts'
import { MOST_COUNTED } from './facets.ts'
import { MediaKind, MediaStatus } from './media.enums.ts'

const COUNT = 'How many media.'

@ObjectType('MediaKindCount', { simpleResolvers: true, description: 'How many media are of a kind.' })
export class MediaKindCount {
  @Field(() => MediaKind, { description: 'The kind.' }) value: MediaKind
  @Field(() => Int, { description: COUNT }) count: number
}

@ObjectType('MediaStatusCount', { simpleResolvers: true, description: 'How many media have a status.' })
export class MediaStatusCount {
  @Field(() => MediaStatus, { description: 'The status.' }) value: MediaStatus
  @Field(() => Int, { description: COUNT }) count: number
}

@ObjectType('ValueCount', { simpleResolvers: true, description: 'How many media have a value.' })
export class ValueCount implements FacetCount {
  @Field(() => String, { description: 'The value.' }) value: string
  @Field(() => Int, { description: COUNT }) count: number
}

/** A facet is counted when it is selected: its name is its column. */
const facet = (name: keyof MediaFacets) => Extensions({ columns: [name] })

@ObjectType('MediaFacets', {
  simpleResolvers: true,
  description: `The media of a filter counted by what they are, most first; of very many the newest ${MOST_COUNTED}.`,
})
export class MediaFacetsType {
  @facet('kinds') @Field(() => [MediaKindCount], { description: 'By kind.' }) kinds: MediaKindCount[]
  @facet('statuses')
  @Field(() => [MediaStatusCount], { description: 'By status.' })
  statuses: MediaStatusCount[]
  @facet('mimeTypes') @Field(() => [ValueCount], { description: 'By MIME type.' }) mimeTypes: ValueCount[]
  @facet('tags')
  @Field(() => [ValueCount], { description: 'By tag; a media counts for each of its tags.' })
  tags: ValueCount[]
  @facet('isComplete')
  @Field(() => Boolean, { description: `Whether all were counted: there are at most ${MOST_COUNTED}.` })
  isComplete: boolean
}
