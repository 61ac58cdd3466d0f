import { createUnfolder, PROGRAM } from '@backtide/datasets/containers/lz4/unfold'
import fc from 'fast-check'
import { compressSync } from 'lz4-napi'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import wabt from 'wabt'

it('is what its text compiles to', async () => {
  const text = readFileSync(new URL('../../../datasets/containers/lz4/unfold.wat', import.meta.url))
  const module = (await wabt()).parseWat('unfold.wat', text.toString(), { simd: true })
  expect(Buffer.from(module.toBinary({}).buffer).toString('base64')).toBe(
    PROGRAM.toString('base64'),
  )
})

describe('one block', () => {
  const { unfold } = createUnfolder()
  const NONE = new Uint8Array(0)
  const words = fc
    .array(fc.constantFrom('a', 'ab', 'abcdefg', 'abcdefgh', '0.125', '{"px":"27123.5"}'), {
      maxLength: 2000,
    })
    .map((some) => Buffer.from(some.join('')))

  it('comes back as it was, whatever was unfolded before', () => {
    fc.assert(
      fc.property(words, (content) => {
        // What lz4-napi puts before a block is its size.
        const block = compressSync(content).subarray(4)
        expect(Buffer.from(unfold(block, NONE, content.length) ?? []).equals(content)).toBe(true)
      }),
    )
  })

  it('refers to what came before it, and no further', () => {
    const before = Buffer.from('0123456789abcdef'.repeat(40))
    for (const offset of [1, 7, 8, 15, 16, 17, before.length]) {
      const all = [...before]
      for (let at = 0; at < 24; at++) all.push(all[all.length - offset] ?? 0)
      const expected = Buffer.from([...all.slice(before.length), ...Buffer.from('hello')])
      expect(Buffer.from(unfold(match(offset), before, 100) ?? [])).toEqual(expected)
    }
    expect(unfold(match(before.length + 1), before, 100)).toBeUndefined()
    expect(unfold(match(0), before, 100)).toBeUndefined()
  })

  it('has no more bytes than it may, and is refused when it is cut anywhere', () => {
    const content = Buffer.from('{"px":"27123.5","sz":"0.125"}'.repeat(50))
    const block = compressSync(content).subarray(4)
    expect(unfold(block, NONE, content.length)).toHaveLength(content.length)
    expect(unfold(block, NONE, content.length - 1)).toBeUndefined()
    for (let cut = 0; cut < block.length; cut++) {
      // A prefix that ends behind literals is a block of its own: a shorter one.
      const cutOff = unfold(block.subarray(0, cut), NONE, content.length)
      expect(cutOff?.length ?? 0).toBeLessThan(content.length)
    }
  })

  it('is never read or written beyond its ends, whatever its bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(300), (bytes, most) => {
        expect(unfold(bytes, NONE, most)?.length ?? 0).toBeLessThanOrEqual(most)
      }),
      { numRuns: 2000 },
    )
  })
})

/** A match of 24 bytes so far back, and five literals. */
function match(offset: number): Buffer {
  return Buffer.from([0x0f, offset & 255, offset >> 8, 5, 0x50, ...Buffer.from('hello')])
}
