import { registry } from '@backtide/datasets/registry'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeObject } from '../../contract/decode.ts'
import { expectSameEitherWay } from '../../contract/either-way.ts'
import { FUZZ_RUNS, mutationsOf } from '../../contract/mutations.ts'
import { writeZip } from '../../contract/zip-writer.ts'
import {
  ANY_KLINE_DAY,
  ANY_KLINE_HEADER,
  anyKlineLine,
  plainKlineLine,
  type KlineDay,
  type KlineHeader,
} from './generated/kline-line.ts'
import { disordered, LIMITS, textOf } from './generated/object-text.ts'

const DATASET = registry.all.filter(({ id }) => id === 'binance.klines')[0]

function dataset() {
  if (!DATASET) throw new Error('not registered')
  return DATASET
}

function objectOf({ from, interval }: KlineDay) {
  return { symbol: `BTCUSDT ${interval}`, from, to: from + 86_400_000 }
}

const FILE = fc.record({ day: ANY_KLINE_DAY, header: ANY_KLINE_HEADER })

function linesOf(header: KlineHeader, lines: readonly string[]): string[] {
  return [...(header.shown ? [header.columns.join(',')] : []), ...lines]
}

it('gives the same rows, rejections and warnings whether lines are scanned or parsed', () => {
  const file = FILE.chain(({ day, header }) => {
    const lines = fc.array(anyKlineLine(day, header), { maxLength: 30 }).chain(disordered)
    const text = textOf(lines.map((all) => linesOf(header, all)))
    return fc.record({ day: fc.constant(day), text, limits: LIMITS })
  })
  fc.assert(
    fc.property(file, ({ day, text, limits }) => {
      expectSameEitherWay(dataset(), objectOf(day), writeZip([text]), limits)
    }),
    { numRuns: FUZZ_RUNS },
  )
})

it('gives the same whatever happened to the bytes of its lines', () => {
  const file = FILE.chain(({ day, header }) => {
    const lines = fc.array(plainKlineLine(day, header), { minLength: 1, maxLength: 8 })
    const text = lines.chain((all) => {
      return mutationsOf(Buffer.from(`${linesOf(header, all).join('\n')}\n`))
    })
    return fc.record({ day: fc.constant(day), text })
  })
  fc.assert(
    fc.property(file, ({ day, text }) => {
      expectSameEitherWay(dataset(), objectOf(day), writeZip([text]))
    }),
    { numRuns: FUZZ_RUNS },
  )
})

it('scans every line but a header that is as the archive has it, however it arrives', () => {
  const file = FILE.chain(({ day, header }) => {
    const lines = fc.array(plainKlineLine(day, header), { minLength: 1, maxLength: 20 })
    return fc.record({ day: fc.constant(day), header: fc.constant(header), lines, limits: LIMITS })
  })
  fc.assert(
    fc.property(file, ({ day, header, lines, limits }) => {
      const all = linesOf(header, lines)
      const input = writeZip([Buffer.from(`${all.join('\n')}\n`)])
      const { tally } = decodeObject(dataset(), objectOf(day), input, limits)
      expect(tally).toMatchObject({
        lines: all.length,
        rows: lines.length,
        fallbacks: all.length - lines.length,
        rejected: {},
      })
    }),
    { numRuns: 50 },
  )
})
