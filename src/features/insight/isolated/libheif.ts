/** Run by Node itself in an isolated process: erasable TypeScript only. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { HandlerFailure } from '../../../platform/isolated/serve-tasks.ts'
import type { Libheif } from './libheif-api.ts'
import { type WasmExports, type WasmInstance, type WasmMemory, type WasmTable, wasm } from './web-assembly.ts'
import { decodeFully } from './whole-hevc.ts'

type Factory = (options: {
  readonly print: () => void
  readonly printErr: () => void
  readonly instantiateWasm: (imports: object, receive: (instance: WasmInstance) => void) => WasmExports
}) => Libheif

const WASM_PAGE = 65_536
const require = createRequire(import.meta.url)

/**
 * A new instance of the library, whose memory does not grow beyond so many bytes: behind that it finds none, as any C program does.
 * Throws HandlerFailure `unsupported` where an operator has taken the library away, who may not want a decoder of HEVC.
 */
export function startLibheif(mostBytes: number): Libheif {
  const compiled = new wasm.Module(readFileSync(installed()))
  const start = require('libheif-js/libheif-wasm/libheif.js') as Factory
  let functions: WasmTable | undefined
  const heif = start({
    print: () => undefined,
    printErr: () => undefined,
    instantiateWasm(imports, receive) {
      const instance = new wasm.Instance(compiled, imports)
      for (const part of Object.values(instance.exports)) {
        if (part instanceof wasm.Memory) limit(part, mostBytes)
        if (part instanceof wasm.Table) functions = part
      }
      receive(instance)
      return instance.exports
    },
  })
  decodeFully(heif, functions)
  return heif
}

function installed(): string {
  try {
    return require.resolve('libheif-js/libheif-wasm/libheif.wasm')
  } catch {
    throw new HandlerFailure('unsupported', 'libheif-js is not installed')
  }
}

/** The runtime of the library grows its memory by this method alone, and takes what it throws for a no. */
function limit(memory: WasmMemory, mostBytes: number): void {
  const grow = memory.grow.bind(memory)
  memory.grow = pages => {
    if (memory.buffer.byteLength + pages * WASM_PAGE > mostBytes) throw new RangeError('no more memory')
    return grow(pages)
  }
}
