import type { Dataset, ObjectContext } from '@backtide/datasets/dataset'
import { registry } from '@backtide/datasets/registry'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeObject } from '../../contract/decode.ts'
import { expectSameEitherWay } from '../../contract/either-way.ts'
import { writeFrame } from '../../contract/lz4-writer.ts'
import { FUZZ_RUNS, mutationsOf } from '../../contract/mutations.ts'
import { anyBookLine, HOUR, plainBookLine } from './generated/book-line.ts'
import { ANY_HEADER, anyContextLine, DAY, plainContextLine } from './generated/context-line.ts'
import { disordered, LIMITS, textOf } from './generated/object-text.ts'

const COIN = fc.constantFrom('BTC', 'kPEPE', 'PURR/USDC', '@107', 'xyz:TSLA')

function find(id: string): Dataset {
  const dataset = registry.find(id)
  if (!dataset) throw new Error(`${id} is not registered`)
  return dataset
}

function hourOf(symbol: string): ObjectContext {
  return { symbol, from: HOUR, to: HOUR + 3_600_000 }
}

describe.each(['hyperliquid.l2_book', 'hyperliquid.l2_snapshot'])('%s', (id) => {
  const dataset = find(id)

  it('gives the same rows, rejections and warnings whether lines are scanned or parsed', () => {
    const object = COIN.chain((symbol) => {
      const lines = fc.array(anyBookLine(symbol), { maxLength: 30 }).chain(disordered)
      return fc.record({ symbol: fc.constant(symbol), text: textOf(lines), limits: LIMITS })
    })
    fc.assert(
      fc.property(object, ({ symbol, text, limits }) => {
        expectSameEitherWay(dataset, hourOf(symbol), writeFrame(text), limits)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('gives the same whatever happened to the bytes of its lines', () => {
    const object = COIN.chain((symbol) => {
      const lines = fc.array(plainBookLine(symbol), { minLength: 1, maxLength: 8 })
      const text = lines.chain((all) => mutationsOf(Buffer.from(all.join('\n'))))
      return fc.record({ symbol: fc.constant(symbol), text })
    })
    fc.assert(
      fc.property(object, ({ symbol, text }) => {
        expectSameEitherWay(dataset, hourOf(symbol), writeFrame(text))
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('scans every line that is as the venue writes it, however it arrives', () => {
    const object = COIN.chain((symbol) => {
      const lines = fc.array(plainBookLine(symbol), { maxLength: 10 })
      return fc.record({ symbol: fc.constant(symbol), lines, limits: LIMITS })
    })
    fc.assert(
      fc.property(object, ({ symbol, lines, limits }) => {
        const input = writeFrame(Buffer.from(lines.join('\n')))
        const { tally } = decodeObject(dataset, hourOf(symbol), input, limits)
        expect(tally).toMatchObject({ lines: lines.length, fallbacks: 0, rejected: {} })
      }),
      { numRuns: 50 },
    )
  })
})

describe.each([
  'hyperliquid.asset_ctxs',
  'hyperliquid.market_data',
  'hyperliquid.funding_archive',
  'hyperliquid.open_interest',
])('%s', (id) => {
  const dataset = find(id)
  const day = { symbol: '*', from: DAY, to: DAY + 86_400_000 }

  it('gives the same rows, rejections and warnings whether lines are scanned or parsed', () => {
    const lines = ANY_HEADER.chain((header) => {
      const rows = fc.array(anyContextLine(header), { maxLength: 30 }).chain(disordered)
      return rows.map((all) => [header.join(','), ...all])
    })
    fc.assert(
      fc.property(textOf(lines), LIMITS, (text, limits) => {
        expectSameEitherWay(dataset, day, writeFrame(text), limits)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('scans every line but the header that is as the archive has it, however it arrives', () => {
    const object = ANY_HEADER.filter(({ length }) => length === 12).chain((header) => {
      const lines = fc.array(plainContextLine(header), { maxLength: 20 })
      return fc.record({ header: fc.constant(header.join(',')), lines, limits: LIMITS })
    })
    fc.assert(
      fc.property(object, ({ header, lines, limits }) => {
        const input = writeFrame(Buffer.from(`${[header, ...lines].join('\n')}\n`))
        const { tally } = decodeObject(dataset, day, input, limits)
        expect(tally).toMatchObject({ lines: lines.length + 1, fallbacks: 1, rejected: {} })
      }),
      { numRuns: 50 },
    )
  })
})
