import { Field, Float, Int, ObjectType } from 'type-graphql'
import type {
  AudioDetails,
  DocumentDetails,
  FileFacts,
  ImageDetails,
  Placeholder,
  VideoDetails,
} from '../insight/file-facts.ts'

const maybe = (description: string) => ({ nullable: true, description })

@ObjectType('Camera', { simpleResolvers: true, description: 'What a picture or video was made with.' })
export class CameraType {
  @Field(() => String, maybe('Who makes the device.')) make?: string
  @Field(() => String, maybe('The device.')) model?: string
  @Field(() => String, maybe('The lens.')) lens?: string
  @Field(() => String, maybe('The program that wrote the file.')) software?: string
}

@ObjectType('ImageDetails', { simpleResolvers: true, description: 'What an image is like as stored.' })
export class ImageDetailsType implements ImageDetails {
  @Field(() => Int, { description: 'Width in pixels as stored, before rotation.' }) storedWidth: number
  @Field(() => Int, { description: 'Height in pixels as stored, before rotation.' }) storedHeight: number
  @Field(() => Int, { description: 'EXIF orientation, 1 to 8; 1 is upright.' }) orientation: number
  @Field(() => Int, { description: 'Pictures in an animation; 1 for a still picture.' }) frameCount: number
  @Field(() => String, maybe('Colour space as the decoder names it: srgb, cmyk, b-w …'))
  colorSpace?: string
  @Field(() => Boolean, { description: 'Whether parts may be transparent.' }) hasAlpha: boolean
}

@ObjectType('VideoDetails', { simpleResolvers: true, description: 'What the picture of a video is like.' })
export class VideoDetailsType implements VideoDetails {
  @Field(() => String, maybe('Codec: avc, hevc, vp9, av1 …')) codec?: string
  @Field(() => Int, { description: 'Width in pixels as stored, before rotation.' }) storedWidth: number
  @Field(() => Int, { description: 'Height in pixels as stored, before rotation.' }) storedHeight: number
  @Field(() => Int, { description: 'Degrees clockwise: 0, 90, 180, 270.' }) rotation: number
  @Field(() => Float, maybe('Pictures in a second, on average.')) frameRate?: number
  @Field(() => Float, maybe('Bits in a second, on average.')) bitRate?: number
}

@ObjectType('AudioDetails', { simpleResolvers: true, description: 'What the sound is like.' })
export class AudioDetailsType implements AudioDetails {
  @Field(() => String, maybe('Codec: aac, mp3, opus, flac, pcm-s16 …')) codec?: string
  @Field(() => Int, maybe('Channels.')) channels?: number
  @Field(() => Int, maybe('Samples in a second.')) sampleRate?: number
  @Field(() => Float, maybe('Bits in a second, on average.')) bitRate?: number
}

@ObjectType('DocumentDetails', { simpleResolvers: true, description: 'What a document is like.' })
export class DocumentDetailsType implements DocumentDetails {
  @Field(() => String, maybe('Who wrote it, as the file says.')) author?: string
  @Field(() => Boolean, maybe('Whether it asks for a password.')) encrypted?: boolean
  @Field(() => Float, maybe('Width of the first page in points, 72 to the inch.')) pageWidth?: number
  @Field(() => Float, maybe('Height of the first page in points, 72 to the inch.')) pageHeight?: number
}

@ObjectType('FileFacts', {
  simpleResolvers: true,
  description: 'What the file itself tells, beside what every media has; null where it does not tell it.',
})
export class FileFactsType implements FileFacts {
  @Field(() => String, maybe('Title, as the file says.')) title?: string
  @Field(() => String, maybe('Who made it, as the file says.')) artist?: string
  @Field(() => String, maybe('Album, as the file says.')) album?: string
  @Field(() => String, maybe('Copyright notice, as the file says.')) copyright?: string
  @Field(() => String, maybe('When it was taken, in ISO 8601; with a zone where the file tells it.'))
  takenAt?: string
  @Field(() => CameraType, maybe('What it was made with.')) camera?: CameraType
  @Field(() => ImageDetailsType, maybe('Of images.')) image?: ImageDetailsType
  @Field(() => VideoDetailsType, maybe('Of videos.')) video?: VideoDetailsType
  @Field(() => AudioDetailsType, maybe('Of what has sound.')) audio?: AudioDetailsType
  @Field(() => DocumentDetailsType, maybe('Of documents.')) document?: DocumentDetailsType
}

@ObjectType('Placeholder', {
  simpleResolvers: true,
  description: 'What stands for a picture until it is there.',
})
export class PlaceholderType implements Placeholder {
  @Field(() => String, { description: 'ThumbHash in base64, some 30 characters.' }) thumbhash: string
  @Field(() => String, { description: 'The colour that most of it has, as #rrggbb.' }) dominantColor: string
}
