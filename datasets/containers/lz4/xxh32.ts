/** XXH32 over bytes that arrive in pieces. */
export interface Xxh32 {
  update(bytes: Uint8Array): void
  /** Hash of everything seen so far, as an unsigned 32-bit number; more updates may follow. */
  digest(): number
}

// As signed numbers: a multiplication by one that is not would leave the processor's integers.
const P1 = 0x9e3779b1 | 0
const P2 = 0x85ebca77 | 0
const P3 = 0xc2b2ae3d
const P4 = 0x27d4eb2f
const P5 = 0x165667b1
const STRIPE = 16

/** XXH32 of some bytes, seed 0, as the LZ4 frame format uses it. */
export function xxh32(bytes: Uint8Array): number {
  const hash = createXxh32()
  hash.update(bytes)
  return hash.digest()
}

/**
 * Streaming XXH32 with seed 0 (xxHash specification, `XXH32 algorithm description`). Written here
 * because it is needed synchronously, inside a generator, and runs as fast as a copy into WebAssembly.
 */
export function createXxh32(): Xxh32 {
  const lanes = Int32Array.of(P1 + P2, P2, 0, -P1)
  const tail = new Uint8Array(STRIPE)
  let tailLength = 0
  let total = 0

  function update(bytes: Uint8Array): void {
    total += bytes.length
    let start = 0
    if (tailLength > 0) {
      start = Math.min(STRIPE - tailLength, bytes.length)
      tail.set(bytes.subarray(0, start), tailLength)
      tailLength += start
      if (tailLength < STRIPE) return
      mixStripes(lanes, viewOf(tail), 0, STRIPE)
      tailLength = 0
    }
    const end = bytes.length - ((bytes.length - start) % STRIPE)
    mixStripes(lanes, viewOf(bytes), start, end)
    tail.set(bytes.subarray(end))
    tailLength = bytes.length - end
  }

  function digest(): number {
    const [a = 0, b = 0, c = 0, d = 0] = lanes
    const long = total >= STRIPE
    const mixed = long ? rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18) : P5
    return finish((mixed + total) | 0, tail, tailLength)
  }

  return { update, digest }
}

function mixStripes(lanes: Int32Array, view: DataView, start: number, end: number): void {
  // Known to be integers before the loop, it runs more than twice as fast.
  let a = (lanes[0] ?? 0) | 0
  let b = (lanes[1] ?? 0) | 0
  let c = (lanes[2] ?? 0) | 0
  let d = (lanes[3] ?? 0) | 0
  for (let at = start; at < end; at += STRIPE) {
    a = round(a, view.getInt32(at, true))
    b = round(b, view.getInt32(at + 4, true))
    c = round(c, view.getInt32(at + 8, true))
    d = round(d, view.getInt32(at + 12, true))
  }
  lanes[0] = a
  lanes[1] = b
  lanes[2] = c
  lanes[3] = d
}

function finish(start: number, tail: Uint8Array, length: number): number {
  const view = viewOf(tail)
  let hash = start
  let at = 0
  for (; at + 4 <= length; at += 4) {
    hash = Math.imul(rotl((hash + Math.imul(view.getInt32(at, true), P3)) | 0, 17), P4)
  }
  for (; at < length; at++) {
    hash = Math.imul(rotl((hash + Math.imul(view.getUint8(at), P5)) | 0, 11), P1)
  }
  hash = Math.imul(hash ^ (hash >>> 15), P2)
  hash = Math.imul(hash ^ (hash >>> 13), P3)
  return (hash ^ (hash >>> 16)) >>> 0
}

function round(lane: number, input: number): number {
  return Math.imul(rotl((lane + Math.imul(input, P2)) | 0, 13), P1)
}

function rotl(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
