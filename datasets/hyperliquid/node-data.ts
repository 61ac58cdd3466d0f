import { HOUR_MS } from '@backtide/core/range'
import type { S3Source } from '../dataset.ts'
import { compactDay } from './archive.ts'

/**
 * What nodes wrote, by when it begins, UTC milliseconds: trades, then fills, then fills by block. Trades
 * go on for some weeks beside fills, and not every hour of them is there.
 */
export const NODE_DATA_BEGINS = {
  node_trades: Date.UTC(2025, 2, 22, 10),
  node_fills: Date.UTC(2025, 4, 25, 14),
  node_fills_by_block: Date.UTC(2025, 6, 27, 8),
} as const

/** End of the last hour that has an object of fills a line: it is also the first one of fills by block. */
export const FILL_LINES_END = NODE_DATA_BEGINS.node_fills_by_block + HOUR_MS

/** Days after which an object is not expected any more: they come after hours, some after a day. */
export const FINAL_AFTER_DAYS = 3

/** A prefix of the bucket: what its objects hold. */
export type NodeDataKind = keyof typeof NODE_DATA_BEGINS

/**
 * Bucket of what nodes write, an hour of all coins an object, see "Historical data" in Hyperliquid's
 * documentation. `kindsAt` says what is read of an hour (start in UTC milliseconds).
 */
export function nodeData(kindsAt: (start: number) => readonly NodeDataKind[]): S3Source {
  return {
    name: 'hyperliquid-node-data',
    kind: 's3',
    bucket: 'hl-mainnet-node-data',
    region: 'ap-northeast-1',
    requesterPays: true,
    typicalBytes: 36_000_000,
    objects: (start) => kindsAt(start).map((kind) => keyOf(kind, start)),
  }
}

/** What has the fills of an hour: in the hour of the change both have a part of them. */
export function fillsAt(start: number): readonly NodeDataKind[] {
  if (start < NODE_DATA_BEGINS.node_fills_by_block) return ['node_fills']
  return start < FILL_LINES_END ? ['node_fills', 'node_fills_by_block'] : ['node_fills_by_block']
}

/** `node_fills/hourly/20250601/7.lz4`, hour not padded. */
function keyOf(kind: NodeDataKind, start: number): string {
  return `${kind}/hourly/${compactDay(start)}/${new Date(start).getUTCHours()}.lz4`
}
