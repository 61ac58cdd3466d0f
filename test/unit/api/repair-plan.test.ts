import { planRepair, type RepairGap } from '@backtide/api/coverage/repair-plan'
import { DAY_MS, HOUR_MS } from '@backtide/core/range'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hour } from './open-api.ts'

const gap = (series: string, from: number, to: number): RepairGap => ({
  series,
  from: hour(from),
  to: hour(to),
})
const range = (from: number, to: number) => ({ from: hour(from), to: hour(to) })

describe('Gaps to repair', () => {
  it('of consecutive days are one backfill, of days apart two', () => {
    expect(planRepair([gap('BTC', 2, 3), gap('BTC', 30, 31), gap('BTC', 80, 81)], HOUR_MS)).toEqual(
      [
        { symbols: ['BTC'], range: range(2, 31) },
        { symbols: ['BTC'], range: range(80, 81) },
      ],
    )
  })

  it('of the same days go together, coin or not', () => {
    expect(planRepair([gap('ETH', 5, 6), gap('BTC', 2, 3)], HOUR_MS)).toEqual([
      { symbols: ['BTC', 'ETH'], range: range(2, 6) },
    ])
  })

  it('are no more than a backfill has that nobody confirmed, cut between days', () => {
    const coins = Array.from({ length: 170 }, (_, index) => `C${index}`)
    const parts = planRepair(
      coins.map((coin) => gap(coin, 5, 24 * 100)),
      HOUR_MS,
    )
    expect(parts.map((part) => part.range)).toEqual([
      range(5, 24 * 49),
      range(24 * 49, 24 * 98),
      range(24 * 98, 24 * 100),
    ])
  })

  it('are all held by the backfills, which lie in the days of their gaps', () => {
    const one = fc
      .tuple(fc.constantFrom('A', 'B', 'C'), fc.nat(400), fc.integer({ min: 1, max: 60 }))
      .map(([series, from, length]) => gap(series, from, from + length))
    fc.assert(
      fc.property(fc.array(one, { maxLength: 20 }), (gaps) => {
        const parts = planRepair(gaps, HOUR_MS)
        for (const { series, from, to } of gaps) {
          const held = parts.some(
            (part) =>
              part.symbols.includes(series) && part.range.from <= from && part.range.to >= to,
          )
          expect(held).toBe(true)
        }
        for (const part of parts) {
          const days = new Set(gaps.flatMap((found) => daysOf(found)))
          for (const day of daysOf(part.range)) expect(days).toContain(day)
        }
      }),
    )
  })
})

function daysOf({ from, to }: { readonly from: number; readonly to: number }): number[] {
  const first = Math.floor(from / DAY_MS)
  return Array.from({ length: Math.ceil(to / DAY_MS) - first }, (_, index) => first + index)
}
