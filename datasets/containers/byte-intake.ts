import { copyBytes } from '../values/copy-bytes.ts'

/** Collects the exact number of bytes that was asked for, over however many pieces they arrive in. */
export interface ByteIntake {
  /** Asks for the next `length` bytes. */
  want(length: number): void
  /** Takes what it still needs from the start of `bytes`; returns how many bytes it took. */
  fill(bytes: Uint8Array): number
  /** True when everything wanted is there. */
  isFull(): boolean
  /** Bytes already there. */
  held(): number
  /** What was wanted: valid until the next `want`. */
  take(): Buffer
}

/** Intake with one buffer that grows to the largest request and is reused. */
export function createByteIntake(): ByteIntake {
  let buffer = Buffer.allocUnsafeSlow(64)
  let wanted = 0
  let held = 0

  return {
    want(length) {
      wanted = length
      held = 0
      if (buffer.length < length) buffer = Buffer.allocUnsafeSlow(length)
    },
    fill(bytes) {
      const taken = Math.min(bytes.length, wanted - held)
      copyBytes(taken < bytes.length ? bytes.subarray(0, taken) : bytes, buffer, held)
      held += taken
      return taken
    },
    isFull: () => held === wanted,
    held: () => held,
    take: () => buffer.subarray(0, wanted),
  }
}
