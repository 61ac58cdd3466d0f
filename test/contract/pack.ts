import { gzipSync } from 'node:zlib'
import type { Container, ContainerKind } from '@backtide/datasets/containers/container'
import { createContainer } from '@backtide/datasets/containers/create-container'
import { writeFrame, type FrameOptions } from './lz4-writer.ts'
import { writeZip } from './zip-writer.ts'

/** Wraps content as an archive would. */
export function pack(kind: ContainerKind, content: Uint8Array, frame?: FrameOptions): Buffer {
  if (kind === 'lz4') return writeFrame(content, frame)
  if (kind === 'gzip') return gzipSync(content)
  return kind === 'zip' ? writeZip([content]) : Buffer.from(content)
}

/** Content of a whole object. @throws ContainerError */
export function unpack(kind: ContainerKind, packed: Uint8Array): Buffer {
  return unfold(createContainer(kind), packed)
}

/** What a container unfolds to when the object is given in pieces of a size. @throws ContainerError */
export function unfold(
  container: Container,
  packed: Uint8Array,
  piece = packed.length || 1,
): Buffer {
  const chunks: Buffer[] = []
  for (let at = 0; at < packed.length; at += piece) {
    for (const chunk of container.push(packed.subarray(at, at + piece))) {
      chunks.push(Buffer.from(chunk))
    }
  }
  container.end()
  return Buffer.concat(chunks)
}
