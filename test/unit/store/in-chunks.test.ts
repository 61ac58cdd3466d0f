import { chunksOf, inChunks } from '@backtide/store/in-chunks'
import { sql } from '@backtide/store/sql'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

/** What QuestDB takes, less some room for the rest of a statement. */
const MOST = 20_000

describe('a list of values cut for statements', () => {
  it('is whole, in its order, and every part fits a statement', () => {
    const value = fc.string({
      minLength: 1,
      maxLength: 100,
      unit: fc.constantFrom("'", '@', 'é', 'k', '1'),
    })
    fc.assert(
      fc.property(fc.array(value, { maxLength: 3_000, size: 'max' }), (values) => {
        const chunks = chunksOf(values)
        expect(chunks.flat()).toEqual(values)
        for (const chunk of chunks) {
          expect(encodeURIComponent(sql`${chunk}`.text).length).toBeLessThan(MOST)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('that fits one statement stays one', async () => {
    const coins = Array.from({ length: 170 }, (_, index) => `@${index}`)
    expect(await inChunks(coins, async (chunk) => await Promise.resolve(chunk))).toEqual([coins])
  })

  it('that is empty is asked about once', async () => {
    expect(await inChunks([], async (chunk) => await Promise.resolve(chunk.length))).toEqual([0])
  })
})
