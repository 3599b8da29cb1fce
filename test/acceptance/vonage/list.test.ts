import { promises } from '../harness.ts'
import { PROMISES } from './promises.ts'
import { openSite, type Site } from './site.ts'

const keeps = promises(PROMISES)

/** Made a second apart, the first a month ago: the first item is the oldest one. */
const BEGIN = Date.now() - 30 * 24 * 3600 * 1000
const COUNT = 23
const START = `start_time=${new Date(BEGIN).toISOString()}`

let site: Site
let ids: string[]
beforeAll(async () => {
  site = await openSite()
  ids = []
  for (let n = 0; n < COUNT; n++) {
    const id = await site.upload({ content: `sound ${n}` })
    // Within its millisecond, as the clock of a database tells.
    await site.made(id, `${new Date(BEGIN + n * 1000).toISOString().slice(0, -1)}456Z`)
    ids.push(id)
  }
}, 60_000)
afterAll(() => site.close())

const list = (query = START) => site.json(`GET /v3/media?${query}`)
const idsOf = (page: { _embedded: { media: { id: string }[] } }) => page._embedded.media.map(({ id }) => id)
const newest = () => [...ids].reverse()
const timeOf = (n: number) => new Date(BEGIN + n * 1000).toISOString()
const refused = async (query: string) => expect((await site.ask(`GET /v3/media?${query}`)).status).toBe(400)
const inOneAccount = async () => {
  const id = await site.upload({ authorization: site.theirs.basic })
  return { id, page: await site.json('GET /v3/media', { authorization: site.theirs.basic }) }
}

keeps('VONAGE-LIST-01', async () => {
  expect(idsOf(await site.json(`GET /v3/media/?${START}&page_size=50`))).toEqual(newest())
})

keeps('VONAGE-LIST-02', async () => {
  const read: string[] = []
  for (let index = 0, next: unknown = true; next; index++) {
    const page = await list(`${START}&page_size=5&page_index=${index}`)
    read.push(...idsOf(page))
    next = page._links.next
  }
  expect(read).toEqual(newest())
})

keeps('VONAGE-LIST-03', async () => {
  const page = await list(
    `start_time=${timeOf(2)}&end_time=${timeOf(9)}&order=ascending&page_size=3&page_index=1`,
  )
  expect(idsOf(page)).toEqual(ids.slice(5, 8))
  expect(page.count).toBe(8)
})

keeps('VONAGE-LIST-04', async () => expect(idsOf(await list())).toEqual(newest().slice(0, 20)))

keeps('VONAGE-LIST-05', async () => {
  expect(idsOf(await list(`${START}&order=ascending`))).toEqual(ids.slice(0, 20))
})

keeps('VONAGE-LIST-06', async () => {
  expect(await list(`${START}&order=descending`)).toEqual(await list())
  for (const word of ['asc', 'DESC', 'sideways']) await refused(`order=${word}`)
})

keeps('VONAGE-LIST-07', async () => {
  expect(idsOf(await list(`${START}&page_size=4&page_index=1`))).toEqual(newest().slice(4, 8))
})

keeps('VONAGE-LIST-08', async () => {
  const page = await list()
  expect(page.page_index).toBe(0)
  expect(idsOf(page)[0]).toBe(ids.at(-1))
})

keeps('VONAGE-LIST-09', async () => {
  for (const index of ['-1', '1.5', 'one', '1e3', '99999999999999999999'])
    await refused(`page_index=${index}`)
})

keeps('VONAGE-LIST-10', async () => expect(idsOf(await list())).toHaveLength(20))

keeps('VONAGE-LIST-11', async () => {
  expect(idsOf(await list(`${START}&page_size=50`))).toHaveLength(COUNT)
  expect(idsOf(await list(`${START}&page_size=22`))).toHaveLength(22)
})

keeps('VONAGE-LIST-12', async () => {
  for (const size of ['0', '-1', '2.5', 'many']) await refused(`page_size=${size}`)
})

keeps('VONAGE-LIST-13', async () => {
  const fresh = await site.upload()
  expect(idsOf(await list(''))).toEqual([fresh])
  await site.made(fresh, new Date(Date.now() - 7 * 24 * 3600 * 1000 + 60_000))
  expect(idsOf(await list(''))).toEqual([fresh])
  await site.made(fresh, new Date(Date.now() - 7 * 24 * 3600 * 1000 - 60_000))
  expect(idsOf(await list(''))).toEqual([])
  await site.ask(`DELETE /v3/media/${fresh}`)
})

keeps('VONAGE-LIST-14', async () => {
  expect(idsOf(await list(`start_time=${timeOf(20)}`))).toEqual(newest().slice(0, 3))
  expect(idsOf(await list(`start_time=${new Date(BEGIN + 20_001).toISOString()}`))).toHaveLength(2)
})

keeps('VONAGE-LIST-15', async () => {
  expect(idsOf(await list(`end_time=${timeOf(2)}`))).toEqual(newest().slice(-3))
  expect(idsOf(await list(`end_time=${new Date(BEGIN + 1_999).toISOString()}`))).toHaveLength(2)
})

keeps('VONAGE-LIST-16', async () => {
  for (const name of ['start_time', 'end_time'])
    for (const value of [
      'yesterday',
      '2020-13-01T00:00:00Z',
      '2020-02-31',
      '2021-02-29T12:00:00Z',
      '1577887200',
    ])
      await refused(`${name}=${value}`)
})

keeps('VONAGE-LIST-17', async () => {
  const { status, headers } = await site.ask('GET /v3/media')
  expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
})

keeps('VONAGE-LIST-18', async () => {
  expect((await inOneAccount()).page.page_size).toBe(20)
  expect((await list(`${START}&page_size=50`)).page_size).toBe(50)
})

keeps('VONAGE-LIST-19', async () => {
  expect((await list(`${START}&page_size=5&page_index=3`)).page_index).toBe(3)
})

const MIDDLE = `${START}&page_size=5&page_index=2&order=ascending&end_time=${timeOf(21)}`
const follow = (link: { href: string }) => site.json(`GET ${link.href}`)

keeps('VONAGE-LIST-20', async () => {
  const page = await list(MIDDLE)
  expect(page._links.self.href).toMatch(/^\/v3\/media\?page_size=5&account_id=acme&order=ascending/)
  expect(await follow(page._links.self)).toEqual(page)
  expect((await list(''))._links.self).toEqual({
    href: '/v3/media?page_size=20&account_id=acme&order=descending',
  })
})

keeps('VONAGE-LIST-21', async () => {
  const first = await follow((await list(MIDDLE))._links.first)
  expect(idsOf(first)).toEqual(ids.slice(0, 5))
  expect(first.count).toBe(22)
})

keeps('VONAGE-LIST-22', async () => {
  const last = await follow((await list(MIDDLE))._links.last)
  expect(idsOf(last)).toEqual(ids.slice(20, 22))
  expect(last._links.next).toBeUndefined()
})

keeps('VONAGE-LIST-23', async () => {
  expect((await list(`${START}&page_size=2`)).count).toBe(COUNT)
})

keeps('VONAGE-LIST-24', async () => {
  for (const item of (await list(`${START}&page_size=3`))._embedded.media)
    expect(await site.info(item.id)).toEqual(item)
})

keeps('VONAGE-LIST-25', async () => {
  const { page } = await inOneAccount()
  const { _embedded, _links, ...numbers } = page
  expect(Object.keys(_links)).toEqual(expect.arrayContaining(['self', 'first', 'last']))
  expect(Object.keys(numbers).sort()).toEqual(['count', 'page_index', 'page_size'])
  expect(Object.values(numbers).every(Number.isInteger)).toBe(true)
  expect(Object.keys(_embedded)).toEqual(['media'])
})
