import type { DayParts, Derived } from '@backtide/core/derived'
import { DAY_MS } from '@backtide/core/range'
import { SEAM } from '@backtide/core/table'
import { DERIVED, derivedOf } from '@backtide/datasets/derived/registry'
import { registry } from '@backtide/datasets/registry'
import { describe, expect, it } from 'vitest'

const DAY = Date.UTC(2025, 9, 6)

/** A day of which everything is there, with so many symbols where objects hold one each. */
function parts({ bases }: Derived, symbols: number): DayParts {
  const run = { from: DAY - 40 * DAY_MS, to: DAY + 40 * DAY_MS }
  const series = (id: string) => {
    const all = registry.find(id)?.symbols === 'all'
    const names = Array.from({ length: symbols }, (_, at) => `SYMBOL${at}USDT`)
    return [{ ...(all ? {} : { symbols: names }), read: [run], complete: [run], spills: all }]
  }
  return {
    day: { from: DAY, to: DAY + DAY_MS },
    bases: new Map(bases.map((id) => [id, series(id)])),
    isMade: () => true,
  }
}

describe.each(DERIVED.map((one) => [one.name, one] as const))('%s', (_, derived) => {
  it('is made of datasets there are, into columns of its table', () => {
    for (const id of derived.bases) {
      expect(registry.find(id)).toBeDefined()
      expect(derivedOf(id)).toContain(derived.name)
    }
    const { table } = derived
    expect(table.keys).toContain(SEAM)
    for (const { columns } of derived.stepsOf(parts(derived, 1))) {
      expect(Object.keys(table.columns)).toEqual(expect.arrayContaining([...columns]))
    }
  })

  it('is asked for in statements that fit a URL, of 1,000 symbols, too', () => {
    const queries = derived.stepsOf(parts(derived, 1_000)).flatMap((step) => step.queries)
    expect(queries.length).toBeGreaterThan(0)
    for (const query of queries) {
      const text = query.replaceAll(/\s+\n\s*/g, ' ')
      expect(encodeURIComponent(text).length).toBeLessThan(30_000)
    }
  })
})
