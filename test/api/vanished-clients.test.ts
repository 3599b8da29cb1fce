import { once } from 'node:events'
import { connect } from 'node:net'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

/** Asks, and is gone before the gateway has seen the connection. */
async function askAndVanish(): Promise<void> {
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.write(
    `GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nHost: here\r\nAuthorization: ${ADMIN}\r\n\r\n`,
  )
  socket.resetAndDestroy()
}

test('a client that is gone before it is heard is no fault of the gateway', async () => {
  await Promise.all(Array.from({ length: 20 }, askAndVanish))
  expect(await gateway.query('{ __typename }')).toEqual({ __typename: 'Query' })
  expect(gateway.log.filter(({ msg }) => msg === 'INTERNAL')).toEqual([])
})
