import { writeFrame } from '../contract/lz4-writer.ts'

/** A match of a seller who takes and a buyer who waits, unless it says otherwise. */
export interface Match {
  /** UTC milliseconds. */
  readonly time: number
  readonly tid: number
  readonly coin: string
  readonly size: number
  readonly price?: number
  /** The taker buys. */
  readonly isBuy?: boolean
}

export const [TAKER, MAKER] = [`0x${'a'.repeat(40)}`, `0x${'b'.repeat(40)}`] as const

/** Both fills of a match, as the venue writes them: the taker's first. */
export function fillsOf({ time, tid, coin, size, price = 94_000, isBuy }: Match) {
  const px = price.toFixed(1)
  const facts = { coin, px, sz: String(size), time, tid, oid: 2 * tid, feeToken: 'USDC' }
  const rest = { startPosition: '0.0', closedPnl: '0.0', fee: '0.01', hash: `0x${'0'.repeat(64)}` }
  const buy = { ...facts, ...rest, side: 'B', dir: 'Open Long' }
  const sell = { ...facts, ...rest, side: 'A', dir: 'Open Short' }
  const [taken, made] = isBuy ? [buy, sell] : [sell, buy]
  return [
    [TAKER, { ...taken, crossed: true }],
    [MAKER, { ...made, crossed: false }],
  ] as const satisfies readonly (readonly [string, object])[]
}

/** Lines of fills by block, one a match; `more` are events of the first. */
export function blockLines(matches: readonly Match[], more: readonly unknown[] = []): string[] {
  return matches.map((match, at) => {
    const time = new Date(match.time).toISOString().slice(0, -1)
    const events = [...(at === 0 ? more : []), ...fillsOf(match)]
    return JSON.stringify({ local_time: time, block_time: time, block_number: match.tid, events })
  })
}

/** An object of the bucket of node data: the hour of `start` (UTC milliseconds) of one kind. */
export function nodeObject(kind: string, start: number, lines: readonly string[]) {
  const hour = new Date(start)
  const day = hour.toISOString().slice(0, 10).replaceAll('-', '')
  const content = Buffer.from(lines.map((line) => `${line}\n`).join(''))
  return [`${kind}/hourly/${day}/${hour.getUTCHours()}.lz4`, writeFrame(content)] as const
}
