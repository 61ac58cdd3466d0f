import { MOST_PARTS, PART, readSeam } from '@backtide/core/table'
import { describe, expect, it } from 'vitest'

describe('a seam', () => {
  it('holds partitions and the place of an object in one byte, and gives them back', () => {
    for (let part = 0; part < MOST_PARTS; part++) {
      for (let partitions = -PART / 2; partitions < PART / 2; partitions++) {
        const seam = partitions + part * PART
        expect(seam).toBeGreaterThanOrEqual(-128)
        expect(seam).toBeLessThanOrEqual(127)
        expect(readSeam(seam)).toEqual({ partitions, part })
      }
    }
  })
})
