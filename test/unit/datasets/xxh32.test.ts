import { createXxh32, xxh32 } from '@backtide/datasets/containers/lz4/xxh32'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import xxhash from 'xxhash-wasm'

const { h32Raw } = await xxhash()

it('gives the published hashes', () => {
  expect(xxh32(new Uint8Array(0))).toBe(0x02cc5d05)
  expect(xxh32(Buffer.from('a'))).toBe(0x550d7456)
  expect(xxh32(Buffer.from('Nobody inspects the spammish repetition'))).toBe(0xe2293b2f)
})

it('agrees with another implementation on any bytes in any pieces', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 10 })
  fc.assert(
    fc.property(pieces, (parts) => {
      const hash = createXxh32()
      for (const part of parts) hash.update(part)
      expect(hash.digest()).toBe(h32Raw(Buffer.concat(parts)))
    }),
    { numRuns: 500 },
  )
})
