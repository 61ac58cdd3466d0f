import { createFrameReader } from '@backtide/datasets/containers/lz4/frame-reader'

/** Decodes whole frames, given in pieces of a size. @throws ContainerError */
export function unpack(packed: Uint8Array, piece = packed.length || 1): Buffer {
  const reader = createFrameReader()
  const chunks: Uint8Array[] = []
  for (let at = 0; at < packed.length; at += piece) {
    chunks.push(...reader.push(packed.subarray(at, at + piece)))
  }
  reader.end()
  return Buffer.concat(chunks)
}
