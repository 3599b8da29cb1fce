import { parse } from 'yaml'
import { CONFIG_TABLE, loadConfig } from '../../src/config.ts'
import { projectFile } from '../support/project-file.ts'

interface Service {
  readonly image: string
  readonly profiles?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
  readonly depends_on?: Readonly<Record<string, unknown>>
}

let services: Readonly<Record<string, Service>>
let volumes: readonly string[]
beforeAll(async () => {
  const file = parse(await projectFile('docker-compose.yml'))
  services = file.services
  volumes = Object.keys(file.volumes)
})

/** The value when nothing is set outside: `${NAME:-default}` is its default. */
const byDefault = (value: string) => value.replace(/\$\{\w+:-([^}]*)\}/g, '$1')

const gatewayEnvironment = () =>
  Object.fromEntries(
    Object.entries(services.gateway?.environment ?? {}).map(([name, value]) => [name, byDefault(value)]),
  )

test('the gateway is given variables that it knows, with values that it takes', () => {
  const environment = gatewayEnvironment()
  expect(Object.keys(environment).filter(name => !(name in CONFIG_TABLE))).toEqual([])
  expect(() => loadConfig(environment)).not.toThrow()
})

test('the gateway signs in to the database that is made for it', () => {
  const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = services.postgres?.environment ?? {}
  const url = new URL(gatewayEnvironment().DATABASE_URL ?? '')
  expect([url.hostname, url.username, url.password, url.pathname]).toEqual([
    'postgres',
    POSTGRES_USER,
    byDefault(POSTGRES_PASSWORD ?? ''),
    `/${POSTGRES_DB}`,
  ])
})

test('every image is pinned to an exact version', () => {
  for (const { image } of Object.values(services)) expect(image).toMatch(/:v?\d+\.\d+(\.\d+)?(-[\w.]+)?$/)
})

test('without a profile there are the gateway and PostgreSQL, and nothing that they need is missing', () => {
  const started = Object.keys(services).filter(name => !services[name]?.profiles?.length)
  expect(started).toEqual(['gateway', 'postgres'])
  for (const name of started) expect(started).toEqual(expect.arrayContaining(needs(name)))
})

test('everything that must outlive a container lies in a named volume', () => {
  for (const { volumes: mounted = [] } of Object.values(services)) {
    expect(mounted).not.toEqual([])
    for (const mount of mounted) expect(volumes).toContain(mount.split(':')[0])
  }
})

const needs = (name: string) => Object.keys(services[name]?.depends_on ?? {})
