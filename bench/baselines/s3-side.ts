// Moves files between its own memory and a bucket, when it is told to: by our driver, or by the SDK alone as its vendor documents it.
// s3-side.ts driver|sdk BUCKET ENDPOINT; POST /write?key=…&bytes=… and POST /read?key=…&bytes=… answer when all bytes have passed.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { storageKey } from '../../dist/platform/storage/key.js'
import { openDriver } from '../../dist/platform/storage/storage-url.js'
import { fileStream } from '../big-file.ts'

interface Side {
  write(key: string, body: Readable): Promise<unknown>
  read(key: string): Promise<Readable>
}

const [name = '', bucket = '', endpoint = ''] = process.argv.slice(2)

async function driver(): Promise<Side> {
  const opened = await openDriver(
    `s3://${bucket}/?endpoint=${endpoint}&forcePathStyle=true&createBucket=true`,
  )
  return {
    write: (key, body) => opened.write(storageKey(key), body, {}),
    async read(key) {
      const body = await opened.read(storageKey(key))
      if (!body) throw new Error(`there is no ${key}`)
      return body
    },
  }
}

async function sdk(): Promise<Side> {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  return {
    write: (Key, Body) => new Upload({ client, params: { Bucket: bucket, Key, Body } }).done(),
    async read(Key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }))
      return Body as Readable
    },
  }
}

const side = await (name === 'driver' ? driver() : sdk())

async function move(url: URL): Promise<void> {
  const key = url.searchParams.get('key') ?? ''
  const bytes = Number(url.searchParams.get('bytes'))
  if (url.pathname === '/write') return void (await side.write(key, fileStream(bytes)))
  let came = 0
  for await (const chunk of await side.read(key)) came += chunk.length
  if (came !== bytes) throw new Error(`${came} bytes came of ${bytes}`)
}

const server = createServer((request, response) => {
  move(new URL(request.url ?? '', 'http://127.0.0.1')).then(
    () => response.end(),
    error => response.writeHead(500).end(String(error)),
  )
}).listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
