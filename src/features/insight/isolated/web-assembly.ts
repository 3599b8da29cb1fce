/** Run by Node itself in an isolated process: erasable TypeScript only. */

export type WasmExports = Readonly<Record<string, unknown>>

export interface WasmInstance {
  readonly exports: WasmExports
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer
  /** The size before, in pages of 64 KiB; throws a RangeError where there is no more. */
  grow(pages: number): number
}

/** Functions, by the numbers that pointers to them are. */
export interface WasmTable {
  get(index: number): unknown
  set(index: number, value: unknown): void
}

/** WebAssembly as far as it is used here (WebAssembly JavaScript Interface): Node has it, and its types do not. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => WasmInstance
  readonly Memory: new (limits: object) => WasmMemory
  readonly Table: new (limits: object) => WasmTable
}

export const wasm = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly
