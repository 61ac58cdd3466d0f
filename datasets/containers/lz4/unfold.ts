/** Unfolds one block of LZ4, see `unfold.wat`: written for WebAssembly, as its copies are 16 bytes each. */
export interface Unfolder {
  /**
   * What a block unfolds to, undefined when it is malformed or has more than `most` bytes. A view of the
   * unfolder's memory, valid until the next call. `before` are up to 64 KiB that the block may refer to.
   */
  unfold(block: Uint8Array, before: Uint8Array, most: number): Uint8Array | undefined
}

/** Bytes that a block may refer to before its own. */
export const WINDOW = 64 * 1024

/** Unfolder with memory of its own, as much as the largest block needs. */
export function createUnfolder(): Unfolder {
  const { memory, unfold } = new wasm.Instance(new wasm.Module(PROGRAM)).exports
  let bytes = new Uint8Array(memory.buffer)

  function makeRoom(length: number): void {
    if (length <= bytes.length) return
    memory.grow(Math.ceil((length - bytes.length) / PAGE))
    bytes = new Uint8Array(memory.buffer)
  }

  return {
    unfold: (block, before, most) => {
      const input = WINDOW + most + ROOM
      const first = WINDOW - before.length
      makeRoom(input + block.length + ROOM)
      bytes.set(before, first)
      bytes.set(block, input)
      const end = unfold(input, input + block.length, first, WINDOW, WINDOW + most)
      return end === 0 ? undefined : bytes.subarray(WINDOW, end)
    },
  }
}

/** Copies reach this far beyond their end. */
const ROOM = 16

/** Bytes of a page of WebAssembly. */
const PAGE = 64 * 1024

/** `unfold.wat` as `wat2wasm` writes it, which test/unit/datasets/lz4-unfold.test.ts does again. */
export const PROGRAM = Buffer.from(
  'AGFzbQEAAAABCgFgBX9/f39/AX8DAgEABQMBAAEHEwIGbWVtb3J5AgAGdW5mb2xkAAAKpAMBoQMBBn8DQCAAIAFPBEBBAA8LIAAtAAAhBSAAQQFqIQAgBUEEdiEGIAZBD0YEQANAIAAgAU8EQEEADwsgAC0AACEHIABBAWohACAGIAdqIQYgB0H/AUYNAAsLIAYgASAAa0sEQEEADwsgBiAEIANrSwRAQQAPCyADIAZqIQkgACEIA0AgAyAI/QAEAP0LBAAgA0EQaiEDIAhBEGohCCADIAlJDQALIAkhAyAAIAZqIQAgACABRgRAIAMPCyABIABrQQJJBEBBAA8LIAAvAQAhCiAAQQJqIQAgCkUEQEEADwsgCiADIAJrSwRAQQAPCyAFQQ9xIQYgBkEPRgRAA0AgACABTwRAQQAPCyAALQAAIQcgAEEBaiEAIAYgB2ohBiAHQf8BRg0ACwsgBkEEaiEGIAYgBCADa0sEQEEADwsgAyAKayEIIAMgBmohCSAKQRBPBEADQCADIAj9AAQA/QsEACADQRBqIQMgCEEQaiEIIAMgCUkNAAsFA0AgAyAILQAAOgAAIANBAWohAyAIQQFqIQggAyAJSQ0ACwsgCSEDDAALAAs=',
  'base64',
)

interface Program {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  unfold(input: number, inputEnd: number, first: number, output: number, outputEnd: number): number
}

/** What of it is needed here: TypeScript knows WebAssembly from browsers only. */
const { WebAssembly: wasm } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object
    readonly Instance: new (program: object) => { readonly exports: Program }
  }
}
