import { isClamdMissing, SIGNATURE, startClamd, type TestClamd } from '../support/clamd.ts'
import { eicar } from '../support/eicar.ts'
import { scanMedia } from '../support/scan.ts'
import { waysOut } from '../support/ways-out.ts'
import { DOORS, thirdOfDoors } from './doors.ts'
import { type OpenSite, startSite } from './start-site.ts'

// What comes in by any door is scanned, and goes out by none when it should not.

if (isClamdMissing()) {
  test('malware at every door is left out: there is no clamd here', () => undefined)
} else {
  let clamd: TestClamd
  let site: OpenSite
  beforeAll(async () => {
    clamd = await startClamd()
    site = await startSite({ CLAMAV_URL: clamd.tcp })
  })
  afterAll(async () => {
    await site.close()
    await clamd[Symbol.asyncDispose]()
  })

  const query = (id: string) =>
    site.gateway.query(
      `query($id: ID!) { media(id: $id) { scan scanDetail contentVersion versions { nodes { contentVersion scan scanDetail } } } }`,
      { id },
    )

  test.each(DOORS)(
    'malware that comes by $name is kept back until it is found, and quarantined then',
    async door => {
      const { mediaId } = await door.send(site, {
        bytes: eicar(),
        fileName: 'eicar.txt',
        mimeType: 'text/plain',
      })
      const id = mediaId ?? 'refused'
      const before = (await query(id)).media
      expect(before).toMatchObject({ scan: 'PENDING', scanDetail: null })
      for (const way of await waysOut(site.gateway, id, before.contentVersion)) {
        const taken = await way.take()
        expect([way.name, taken.status]).toEqual([way.name, 409])
        if (taken.code !== null) expect([way.name, taken.code]).toEqual([way.name, 'CONTENT_NOT_SCANNED'])
        expect(taken.body.includes(eicar())).toBe(false)
      }

      expect(await scanMedia(site.gateway, id)).toEqual({
        state: 'FAILED',
        reason: 'infected',
        detail: SIGNATURE,
        stop: 'infected',
      })
      const { media } = await query(id)
      expect(media).toMatchObject({ scan: 'INFECTED', scanDetail: SIGNATURE })
      expect(media.versions.nodes[0]).toEqual({
        contentVersion: media.contentVersion,
        scan: 'INFECTED',
        scanDetail: SIGNATURE,
      })
      for (const way of await waysOut(site.gateway, id, media.contentVersion)) {
        const taken = await way.take()
        expect([way.name, taken.status]).toEqual([way.name, 403])
        if (taken.code !== null) expect([way.name, taken.code]).toEqual([way.name, 'CONTENT_QUARANTINED'])
        expect(taken.body.includes(eicar())).toBe(false)
      }
    },
  )

  test.each(thirdOfDoors(1))(
    'what is clean, or empty, and comes by $name goes out once it is scanned',
    async door => {
      for (const bytes of [Buffer.from(`clean, by ${door.name}`), Buffer.alloc(0)]) {
        const { mediaId } = await door.send(site, { bytes, fileName: 'a.txt', mimeType: 'text/plain' })
        const id = mediaId ?? 'refused'
        expect(await scanMedia(site.gateway, id)).toEqual({ state: 'DONE' })
        const { media } = await query(id)
        expect(media).toMatchObject({ scan: 'CLEAN', scanDetail: null })
        for (const way of await waysOut(site.gateway, id, media.contentVersion)) {
          const { status } = await way.take()
          const allowed = bytes.length > 0 ? [200, 206, 304] : [200, 304, 416]
          expect([way.name, status, allowed.includes(status)]).toEqual([way.name, status, true])
        }
      }
    },
  )
}
