/**
 * Run by Node itself: a gateway that probes one image, prints the decoder's process id, and then has nothing to do. With the
 * argument `stay` it waits to be killed; with `close` it closes its decoders.
 */
import { createReadStream, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { insightDefaults } from '../../src/features/insight/insight.config.ts'
import { InsightService } from '../../src/features/insight/insight.service.ts'

const path = fileURLToPath(new URL('../fixtures/photo.png', import.meta.url))
const insight = new InsightService({ limits: { ...insightDefaults, idleMs: 3_600_000 } })
const open = async () => createReadStream(path)
const facts = await insight.probe({ mimeType: 'image/png', size: statSync(path).size, open })
console.log(JSON.stringify({ facts, pids: insight.pids }))
if (process.argv[2] === 'close') await insight.close()
if (process.argv[2] === 'stay') setInterval(() => undefined, 1_000)
