import { hyperliquidFills } from '@backtide/datasets/hyperliquid/fills'
import { hyperliquidTrades } from '@backtide/datasets/hyperliquid/trades'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeObject } from '../../contract/decode.ts'
import { expectSameEitherWay } from '../../contract/either-way.ts'
import { writeFrame } from '../../contract/lz4-writer.ts'
import { LIMITS, ODD_DECIMAL, PLAIN_DECIMAL, rarely } from './generated/object-text.ts'

const HOUR_MS = 3_600_000
const SEAM = Date.UTC(2025, 6, 27, 8)
const HOUR = { symbol: '*', from: SEAM, to: SEAM + HOUR_MS }
/** The hour has an object of fills a line, then one of fills by block. */
const OBJECTS = [
  { part: 0, ...HOUR },
  { part: 1, ...HOUR },
] as const
const HASH = `0x${'5eed'.repeat(16)}`

const hex = (digits: number) =>
  fc
    .string({
      unit: fc.constantFrom(...'0123456789abcdef'.split('')),
      minLength: digits,
      maxLength: digits,
    })
    .map((text) => `0x${text}`)
const quoted = (text: fc.Arbitrary<string>) => text.map((one) => JSON.stringify(one))
const signed = fc.tuple(fc.constantFrom('', '-'), PLAIN_DECIMAL).map((parts) => parts.join(''))
const few = fc.nat(3).map(String)
const odd = (usual: fc.Arbitrary<string>) =>
  rarely(fc.constantFrom('null', '-1', '1.0', '"x"', '{}', '""', '007', '"É"'), usual)

const orNull = (usual: fc.Arbitrary<string>) => fc.oneof(usual, fc.constant('null'))
const fields = (entries: readonly (readonly [string, fc.Arbitrary<string>])[]) =>
  fc.tuple(...entries.map(([name, value]) => value.map((text) => `"${name}":${text}`)))

/** Texts of a fill's fields; those behind the fee come in any order. */
function fillText(any: boolean): fc.Arbitrary<string> {
  const change = any ? odd : (usual: fc.Arbitrary<string>) => usual
  const amount = (usual: fc.Arbitrary<string>) =>
    change(quoted(any ? rarely(ODD_DECIMAL, usual, 12) : usual))
  const time = few.map((step) => String(SEAM + Number(step)))
  const fixed = {
    coin: change(quoted(fc.constantFrom('BTC', 'kPEPE', 'PURR/USDC', '@107', 'xyz:TSLA', '#1'))),
    px: amount(PLAIN_DECIMAL),
    sz: amount(PLAIN_DECIMAL),
    side: change(fc.constantFrom('"A"', '"B"')),
    time: change(any ? rarely(fc.constant(String(SEAM + 3 * HOUR_MS)), time) : time),
    startPosition: amount(signed),
    dir: change(quoted(fc.constantFrom('Buy', 'Long > Short'))),
    closedPnl: amount(signed),
    hash: change(quoted(fc.constantFrom(HASH, `0x${'0'.repeat(64)}`))),
    oid: change(few),
    crossed: change(fc.constantFrom('true', 'false')),
    fee: amount(signed),
  }
  const liquidation = fc
    .tuple(hex(40), PLAIN_DECIMAL)
    .map(([user, px]) => `{"liquidatedUser":"${user}","markPx":"${px}","method":"market"}`)
  const rest = [
    ['cloid', orNull(quoted(hex(32)))],
    ['twapId', orNull(few)],
    ['builder', orNull(quoted(hex(40)))],
    ['builderFee', orNull(quoted(signed))],
    ['deployerFee', orNull(quoted(signed))],
    ['priorityGas', orNull(few)],
    ['liquidation', orNull(liquidation)],
    ...(any ? ([['surprise', fc.constant('1')]] as const) : []),
  ] as const
  const needed = fields([
    ['tid', change(few)],
    ['feeToken', change(quoted(fc.constantFrom('USDC', 'HYPE')))],
  ])
  const last = fc
    .tuple(fc.subarray(rest.map(([name, value]) => [name, change(value)] as const)), needed)
    .chain(([some, both]) => fields(some).map((texts) => [...both, ...texts]))
    .chain((texts) =>
      fc.shuffledSubarray(texts, { minLength: texts.length, maxLength: texts.length }),
    )
  return fc
    .tuple(fc.constantFrom('a', 'b'), fields(Object.entries(fixed)), last)
    .map(([user, first, behind]) => {
      return `["0x${user.repeat(40)}",{${[...first, ...behind].join(',')}}]`
    })
}

function blockText(any: boolean): fc.Arbitrary<string> {
  const time = quoted(few.map((second) => `2025-07-27T08:00:0${second}.123456789`))
  const change = any ? odd : (usual: fc.Arbitrary<string>) => usual
  const events = fc.array(fillText(any), { maxLength: 4 })
  return fc
    .tuple(change(time), change(time), change(few), events)
    .map(([at, made, number, all]) => {
      return `{"local_time":${at},"block_time":${made},"block_number":${number},"events":[${all.join(',')}]}`
    })
}

describe.each([hyperliquidFills, hyperliquidTrades])('$id', (dataset) => {
  it.each(OBJECTS)('reads the same whether lines are scanned or parsed (object %#)', (object) => {
    // The oracle tells formats by date alone.
    const at = object.part === 0 ? -HOUR_MS : HOUR_MS
    const where = { symbol: '*', from: SEAM + at, to: SEAM + at + HOUR_MS }
    const line = object.part === 0 ? fillText(true) : blockText(true)
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), LIMITS, (lines, limits) => {
        expectSameEitherWay(dataset, where, writeFrame(Buffer.from(lines.join('\n'))), limits)
      }),
      { numRuns: 60 },
    )
  })

  it.each(OBJECTS)('scans every line that is as nodes write it (object %#)', (object) => {
    const line = object.part === 0 ? fillText(false) : blockText(false)
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), LIMITS, (lines, limits) => {
        const input = writeFrame(Buffer.from(lines.join('\n')))
        const { tally } = decodeObject(dataset, object, input, limits)
        expect(tally).toMatchObject({ lines: lines.length, fallbacks: 0, rejected: {} })
      }),
      { numRuns: 40 },
    )
  })

  it('rejects a block of a time that no column can hold', () => {
    const [, object] = OBJECTS
    const filled = blockText(false).filter((text) => !text.endsWith('[]}'))
    const [block = ''] = fc.sample(filled, { seed: 1, numRuns: 1 })
    const input = writeFrame(Buffer.from(block.replace('"block_time":"2025', '"block_time":"8025')))
    expect(decodeObject(dataset, object, input).tally.rejected).toEqual({ wrong_shape: 1 })
    expectSameEitherWay(dataset, object, input)
  })

  it('has two objects in the hour in which fills by block begin, and one in all others', () => {
    const kinds = (start: number) =>
      dataset.source.objects(start, '*').map((key) => key.slice(0, key.indexOf('/')))
    expect(kinds(SEAM - 1 * HOUR_MS)).toEqual(['node_fills'])
    expect(kinds(SEAM)).toEqual(['node_fills', 'node_fills_by_block'])
    expect(kinds(SEAM + HOUR_MS)).toEqual(['node_fills_by_block'])
    expect(dataset.source.objects(SEAM, '*')[0]).toBe('node_fills/hourly/20250727/8.lz4')
  })
})

describe('trades before there were fills', () => {
  it('are of the archive of trades up to the first hour of fills', () => {
    const first = Date.UTC(2025, 4, 25, 14)
    expect(hyperliquidTrades.source.objects(first - HOUR_MS, '*')).toEqual([
      'node_trades/hourly/20250525/13.lz4',
    ])
    expect(hyperliquidTrades.source.objects(first, '*')).toEqual([
      'node_fills/hourly/20250525/14.lz4',
    ])
  })
})
