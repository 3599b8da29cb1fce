import { createServer } from 'node:http'
import send from 'send'
import { listen } from './listen.ts'

/** A download with nothing around it: npm's `send`, which Express serves files with. */
const file = process.argv[2] as string

listen(createServer((request, response) => void send(request, file).pipe(response)))
