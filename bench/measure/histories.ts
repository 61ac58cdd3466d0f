import { HOUR_MS } from '@backtide/core/range'
import { hyperliquidFills } from '@backtide/datasets/hyperliquid/fills'
import { createClient } from '@backtide/stack/servers/s3-client'
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { Sender } from '@questdb/nodejs-client'
import { decompressFrame } from 'lz4-napi'
import type { Finding } from '../finding.ts'
import { makeFills, type FillInput } from '../input/fills.ts'
import { openLoadPath } from '../load-path.ts'
import type { Options } from '../options.ts'
import type { Place } from '../place.ts'
import { interleave, median, ratio } from '../series.ts'
import { expectRows, forgetAll, untilApplied } from '../tables.ts'

/** An hour of fills of all coins: the load path against a naive pipeline over the same object. */
export async function measureHistories(bare: Place, options: Options): Promise<Finding> {
  const input = makeFills(START, FILLS)
  const warmUp = makeFills(START + HOUR_MS, FILLS / 10)
  const BACKTIDE_SOURCES = JSON.stringify({ [SOURCE.name]: { region: bare.s3.region } })
  const place = { ...bare, env: { ...bare.env, BACKTIDE_SOURCES } }
  const client = createClient(bare.s3)
  for (const { key: Key, packed: Body } of [input, warmUp]) {
    await client.send(new PutObjectCommand({ Bucket: SOURCE.bucket, Key, Body }))
  }
  await place.store.ensureTables([hyperliquidFills.table])
  const path = openLoadPath(place)
  const contestants = (part: FillInput) => ({
    naive: () => time(place, part, () => loadNaively(place, client, part)),
    load: () => time(place, part, () => path.load(hyperliquidFills, part)),
  })
  try {
    await interleave(1, contestants(warmUp))
    return findingOf(input, await interleave(options.runs, contestants(input)))
  } finally {
    await path.close()
    client.destroy()
  }
}

const START = Date.UTC(2026, 0, 1, 12)
const FILLS = 190_000
const TABLE = hyperliquidFills.table.name
const SOURCE = { name: 'hyperliquid-node-data', bucket: 'hl-mainnet-node-data' }

/** Seconds from an empty table until all rows are applied. */
async function time({ store }: Place, { rows }: FillInput, load: () => Promise<void>) {
  await forgetAll(store, [TABLE])
  const start = performance.now()
  await load()
  await untilApplied(store, TABLE)
  const seconds = (performance.now() - start) / 1000
  await expectRows(store, TABLE, rows)
  return seconds
}

/** What one writes first: the whole object, `split`, `JSON.parse`, the official `Sender`. */
async function loadNaively(place: Place, client: S3Client, { key: Key }: FillInput) {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: SOURCE.bucket, Key }))
  const packed = Buffer.from((await Body?.transformToByteArray()) ?? [])
  const text = (await decompressFrame(packed)).toString()
  const sender = await Sender.fromConfig(place.questdb.clientConf)
  for (const line of text.split('\n')) {
    if (line === '') continue
    const block = JSON.parse(line) as BlockLine
    for (const [user, fill] of block.events) await addRow(sender, block, user, fill)
  }
  await sender.flush()
  await sender.close()
}

async function addRow(sender: Sender, block: BlockLine, user: string, fill: FillFields) {
  const { coin, side, cloid, builder, builderFee, liquidation } = fill
  sender
    .table(TABLE)
    .symbol('exchange', 'hyperliquid')
    .symbol('market', 'perp')
    .symbol('symbol', coin)
    .symbol('side', side === 'B' ? 'buy' : 'sell')
    .symbol('dir', fill.dir)
    .symbol('fee_token', fill.feeToken)
  if (liquidation) sender.symbol('liquidation_method', liquidation.method)
  sender
    .intColumn('tid', fill.tid)
    .stringColumn('user', user)
    .floatColumn('price', Number(fill.px))
    .floatColumn('size', Number(fill.sz))
    .booleanColumn('crossed', fill.crossed)
    .floatColumn('start_position', Number(fill.startPosition))
    .floatColumn('closed_pnl', Number(fill.closedPnl))
    .floatColumn('fee', Number(fill.fee))
    .intColumn('oid', fill.oid)
    .stringColumn('hash', fill.hash)
  if (cloid) sender.stringColumn('cloid', cloid)
  if (builder) sender.stringColumn('builder', builder)
  if (builderFee) sender.floatColumn('builder_fee', Number(builderFee))
  if (liquidation) {
    sender.stringColumn('liquidated_user', liquidation.liquidatedUser)
    sender.floatColumn('liquidation_mark_price', Number(liquidation.markPx))
  }
  await sender
    .intColumn('block_number', block.block_number)
    .timestampColumn('block_time', nanosOf(block.block_time), 'ns')
    .timestampColumn('ts_recv', nanosOf(block.local_time), 'ns')
    .at(fill.time, 'ms')
}

/** `2025-01-01T00:00:02.238437296`: no zone, nine digits. */
function nanosOf(text: string): bigint {
  return BigInt(Date.parse(`${text.slice(0, 19)}Z`)) * 1_000_000n + BigInt(text.slice(20))
}

interface BlockLine {
  readonly local_time: string
  readonly block_time: string
  readonly block_number: number
  readonly events: readonly (readonly [string, FillFields])[]
}

type FillFields = Readonly<
  Record<'coin' | 'px' | 'sz' | 'side' | 'startPosition' | 'dir' | 'closedPnl' | 'hash', string>
> &
  Readonly<Record<'fee' | 'feeToken', string>> &
  Readonly<Record<'time' | 'oid' | 'tid', number>> & {
    readonly crossed: boolean
    readonly cloid?: string
    readonly builder?: string
    readonly builderFee?: string
    readonly liquidation?: Readonly<Record<'liquidatedUser' | 'markPx' | 'method', string>>
  }

function findingOf(
  { rows, bytes }: FillInput,
  { naive, load }: Readonly<Record<'naive' | 'load', readonly number[]>>,
): Finding {
  const faster = ratio(naive, load)
  const lines = [
    { name: 'naive pipeline', unit: 's', values: naive },
    { name: 'load path', unit: 's', values: load },
    { name: 'naive pipeline ÷ load path', unit: '×', values: faster },
  ]
  const title = `Fills: an hour of all coins, ${rows} rows, ${Math.round(bytes / 1e6)} MB`
  const summary = { fillsSeconds: median(load), fillsVsNaive: median(faster) }
  return { sections: [{ title, lines }], summary }
}
