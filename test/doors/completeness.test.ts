import { isObjectType } from 'graphql'
import { buildGatewaySchema } from '../../src/entrances/graphql/schema.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { routesOf } from '../support/routes.ts'
import { PRESIGNS } from '../support/stores.ts'
import { CLOSED_DOORS, DOORS, NO_DOORS } from './doors.ts'
import { FACADE_DOORS, NO_FACADE_DOORS } from './facade-doors.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

/** Methods whose requests have a body. */
const WITH_BODY = /^(POST|PUT|PATCH) /

test('every mutation, and every route that takes a body, is gone through by a door, or is known to be none', async () => {
  const mutations = buildGatewaySchema([]).getMutationType()
  const ways = [
    ...(isObjectType(mutations) ? Object.keys(mutations.getFields()).map(field => `Mutation.${field}`) : []),
    ...(await routesOf(gateway.app)).filter(route => WITH_BODY.test(route)),
  ]
  const known = [...[...DOORS, ...FACADE_DOORS].flatMap(({ uses }) => uses), ...NO_DOORS, ...NO_FACADE_DOORS]
  expect(ways.filter(way => !known.includes(way))).toEqual([])
  // What is gone, or was never there, is not named either.
  expect(known.filter(way => !ways.includes(way))).toEqual([])
  expect(NO_DOORS.filter(way => DOORS.some(({ uses }) => uses.includes(way)))).toEqual([])
  process.stdout.write(
    `ways in: ${DOORS.length + FACADE_DOORS.length} doors through ${ways.length - NO_DOORS.length - NO_FACADE_DOORS.length} mutations and routes\n`,
  )
})

test('no two doors have one name', () => {
  expect(new Set(DOORS.map(({ name }) => name)).size).toBe(DOORS.length)
})

test('a door that is closed here says why', () => {
  for (const [name, why] of Object.entries(CLOSED_DOORS))
    process.stdout.write(`a door that is not gone through: ${name}: ${why}\n`)
  const { storage } = gateway.app.foundation
  expect(storage.presign(storage.defaultStore)?.writes !== undefined).toBe(PRESIGNS)
})
