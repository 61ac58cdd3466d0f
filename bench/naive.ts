import { Sender } from '@questdb/nodejs-client'
import { decompressFrame } from 'lz4-napi'
import { readFile } from 'node:fs/promises'
import type { Input } from './input/archive.ts'
import type { Layout } from './layout.ts'

/**
 * The yardstick: what one writes after reading the packages' own pages. Whole objects from local
 * disk through `decompressFrame`, `JSON.parse` for each line, the official `Sender` over HTTP with
 * its own flushing. Gives the same rows as Backtide; nothing else is asked of it.
 */
export async function loadNaively(conf: string, layout: Layout, input: Input): Promise<void> {
  const sender = await Sender.fromConfig(conf)
  const addBook = layout.name === 'arrays' ? addRow : addRows
  for (const { file } of input.objects) {
    const text = (await decompressFrame(await readFile(file))).toString()
    for (const line of text.split('\n')) {
      if (line !== '') await addBook(sender, JSON.parse(line) as BookLine)
    }
  }
  await sender.flush()
  await sender.close()
}

async function addRow(sender: Sender, { time, raw: { data } }: BookLine): Promise<void> {
  const [bids, asks] = data.levels
  await sender
    .table('l2_book_all')
    .symbol('exchange', 'hyperliquid')
    .symbol('market', 'perp')
    .symbol('symbol', data.coin)
    .timestampColumn('ts_recv', nanosOf(time), 'ns')
    .arrayColumn('bids', columnsOf(bids))
    .arrayColumn('asks', columnsOf(asks))
    .at(data.time, 'ms')
}

async function addRows(sender: Sender, { raw: { data } }: BookLine): Promise<void> {
  for (const [side, levels] of data.levels.entries()) {
    for (const [level, { px, sz }] of levels.entries()) {
      await sender
        .table('l2_snapshot_all')
        .symbol('ticker', data.coin)
        .symbol('side', side === 0 ? 'bid' : 'ask')
        .intColumn('level', level)
        .floatColumn('price', Number(px))
        .floatColumn('quantity', Number(sz))
        .at(data.time, 'ms')
    }
  }
}

function columnsOf(levels: readonly Level[]): number[][] {
  return [
    levels.map(({ px }) => Number(px)),
    levels.map(({ sz }) => Number(sz)),
    levels.map(({ n }) => n),
  ]
}

/** `2025-01-01T00:00:02.238437296`: no zone, nine digits. */
function nanosOf(time: string): bigint {
  return BigInt(Date.parse(`${time.slice(0, 19)}Z`)) * 1_000_000n + BigInt(time.slice(20))
}

interface BookLine {
  readonly time: string
  readonly raw: {
    readonly data: {
      readonly coin: string
      readonly time: number
      readonly levels: readonly [readonly Level[], readonly Level[]]
    }
  }
}

interface Level {
  readonly px: string
  readonly sz: string
  readonly n: number
}
