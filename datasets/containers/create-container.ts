import { ContainerError, type Container, type ContainerKind } from './container.ts'
import { createGzipReader } from './gzip.ts'
import { createFrameReader } from './lz4/frame-reader.ts'
import { createZipReader } from './zip.ts'
import { FRESH, type SpareMemory } from '../values/spare-memory.ts'

/**
 * Container of a kind that unfolds to no more than real data does. Texts of market data fold to a
 * fifth or a thirtieth, the most repetitive to a hundredth; deflate can reach 1:1032, so what goes
 * beyond 1:200 was made to hurt. The first bytes are free: little of anything may be repetitive.
 */
export function createContainer(
  kind: ContainerKind,
  { limits = LIMITS, memory = FRESH }: ContainerOptions = {},
): Container {
  const container = READERS[kind](memory)
  const count = { packed: 0, unfolded: 0 }
  return {
    *push(bytes) {
      count.packed += bytes.length
      for (const chunk of container.push(bytes)) {
        count.unfolded += chunk.length
        checkUnfolded(count, limits)
        yield chunk
      }
    },
    end() {
      if (count.packed === 0) throw emptyObject(kind)
      container.end()
    },
  }
}

export interface ContainerOptions {
  readonly limits?: UnfoldLimits | undefined
  /** Where blocks are unfolded; fresh memory without it. */
  readonly memory?: SpareMemory | undefined
}

/** How much may come out of an object. */
export interface UnfoldLimits {
  /** Bytes that may come out of any object. */
  readonly freeBytes: number
  /** Bytes beyond, for each that went in. */
  readonly ratio: number
  readonly mostBytes: number
}

const MIB = 1024 * 1024
/** A day of the busiest symbol unfolds to some GiB. */
const LIMITS: UnfoldLimits = { freeBytes: 64 * MIB, ratio: 200, mostBytes: 64 * 1024 * MIB }

const READERS: Readonly<Record<ContainerKind, (memory: SpareMemory) => Container>> = {
  lz4: createFrameReader,
  gzip: createGzipReader,
  zip: createZipReader,
  none: createPlainReader,
}

/** Bytes as they come: nothing tells whether they are whole, so that is up to who fetched them. */
function createPlainReader(): Container {
  return {
    *push(bytes) {
      if (bytes.length > 0) yield bytes
    },
    end: () => undefined,
  }
}

function checkUnfolded(
  { packed, unfolded }: { readonly packed: number; readonly unfolded: number },
  { freeBytes, ratio, mostBytes }: UnfoldLimits,
): void {
  if (unfolded <= freeBytes) return
  const most = Math.min(freeBytes + packed * ratio, mostBytes)
  if (unfolded <= most) return
  const expected = `at most ${most} bytes to come out of ${packed}`
  throw new ContainerError({ what: 'Container', expected, found: 'more', offset: packed })
}

function emptyObject(kind: ContainerKind): ContainerError {
  const found = 'an empty object: not even a header'
  return new ContainerError({ what: 'Container', expected: kind, found, offset: 0 })
}
