import { Writable } from 'node:stream'
import { believedFacts } from './believed-facts.ts'
import type { FileFacts } from './file-facts.ts'
import { plainObject } from './plain-json.ts'

/** Longer than all that an honest process tells of one file. */
const LONGEST = 512 * 1024

/** Takes what a process finds as it finds it, so that nothing is lost when it breaks off later: a line of JSON for each finding. */
export class Findings extends Writable {
  #text = ''

  constructor() {
    super({ decodeStrings: true })
  }

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    if (this.#text.length + chunk.length <= LONGEST) this.#text += chunk.toString('latin1')
    callback()
  }

  /** What is believed of all that was told; later findings add to earlier ones. */
  get all(): { facts: FileFacts; technicalMetadata: Record<string, unknown> } {
    const lines = this.#text.split('\n').slice(0, -1).map(parseLine)
    const facts = believedFacts(Object.assign({}, ...lines.map(line => Object(line.facts))))
    return {
      facts,
      technicalMetadata: plainObject(Object.assign({}, ...lines.map(line => Object(line.metadata)))),
    }
  }
}

function parseLine(line: string): { facts?: unknown; metadata?: unknown } {
  try {
    return Object(JSON.parse(Buffer.from(line, 'latin1').toString())) as {
      facts?: unknown
      metadata?: unknown
    }
  } catch {
    return {}
  }
}
