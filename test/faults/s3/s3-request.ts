/** What a request to an object store asks for (Amazon S3 API Reference, "Actions"): those that the gateway sends. */
export type S3Operation =
  | 'AbortMultipartUpload'
  | 'CompleteMultipartUpload'
  | 'CreateBucket'
  | 'CreateMultipartUpload'
  | 'DeleteObject'
  | 'GetObject'
  | 'HeadBucket'
  | 'HeadObject'
  | 'ListMultipartUploads'
  | 'ListObjects'
  | 'ListParts'
  | 'PutObject'
  | 'UploadPart'
  | 'UploadPartCopy'

export interface S3Request {
  readonly operation: S3Operation
  /** Whether it is about what the driver keeps of an unfinished write, and not about the content of a file. */
  readonly isUnfinished: boolean
}

/** Reads it from the request line; path style. */
export function s3Request(method: string, target: string, isCopy: boolean): S3Request {
  const { pathname, searchParams } = new URL(target, 'http://store')
  const [, key = ''] = /^\/[^/]+\/?(.*)$/s.exec(pathname) ?? []
  return {
    operation: key === '' ? ofBucket(method, searchParams) : ofObject(method, searchParams, isCopy),
    isUnfinished: key.includes('.unfinished/'),
  }
}

function ofBucket(method: string, query: URLSearchParams): S3Operation {
  if (method === 'PUT') return 'CreateBucket'
  if (method === 'HEAD') return 'HeadBucket'
  return query.has('uploads') ? 'ListMultipartUploads' : 'ListObjects'
}

function ofObject(method: string, query: URLSearchParams, isCopy: boolean): S3Operation {
  const isOfUpload = query.has('uploadId')
  switch (method) {
    case 'PUT':
      return isOfUpload ? (isCopy ? 'UploadPartCopy' : 'UploadPart') : 'PutObject'
    case 'POST':
      return isOfUpload ? 'CompleteMultipartUpload' : 'CreateMultipartUpload'
    case 'DELETE':
      return isOfUpload ? 'AbortMultipartUpload' : 'DeleteObject'
    case 'HEAD':
      return 'HeadObject'
    case 'GET':
      return isOfUpload ? 'ListParts' : 'GetObject'
    default:
      throw new Error(`the gateway sends no ${method}`)
  }
}
