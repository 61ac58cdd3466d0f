import type { Level } from './book.ts'
import type { Market } from './market.ts'

/** One line of the archive. */
export interface BookLine {
  /** Recorder's clock, UTC nanoseconds. */
  readonly receivedNs: bigint
  /** Exchange's clock, UTC milliseconds. */
  readonly time: number
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
}

/**
 * Writes a line as the recorder did: its fields, their order and its number format, without the
 * line end. Copied from real lines of `market_data/20250101/0/l2Book/BTC.lz4`.
 */
export function writeBookLine(market: Market, line: BookLine): string {
  const sides = [line.bids, line.asks].map((side) => `[${side.map(writer(market)).join(',')}]`)
  const data = `{"coin":${JSON.stringify(market.coin)},"time":${line.time},"levels":[${sides.join(',')}]}`
  return `{"time":"${writeNanos(line.receivedNs)}","ver_num":1,"raw":{"channel":"l2Book","data":${data}}}`
}

function writer(market: Market) {
  return ({ price, size, orders }: Level) => {
    const px = writeSteps(price, market.priceDecimals)
    const sz = writeSteps(size, market.sizeDecimals)
    return `{"px":"${px}","sz":"${sz}","n":${orders}}`
  }
}

/** Steps of 10^-decimals in decimal: at least one digit after the point, no zeros beyond it. */
export function writeSteps(steps: number, decimals: number): string {
  const digits = `${steps}`.padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const part = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return `${whole}.${part === '' ? '0' : part}`
}

/** `2025-01-01T00:00:02.238437296`: no zone, nine digits. */
function writeNanos(ns: bigint): string {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  return `${seconds}.${(ns % 1_000_000_000n).toString().padStart(9, '0')}`
}
