import { hyperliquidAssetCtxs } from '@backtide/datasets/hyperliquid/asset-ctxs'
import { hyperliquidFundingArchive } from '@backtide/datasets/hyperliquid/funding-archive'
import { hyperliquidMarketData } from '@backtide/datasets/hyperliquid/market-data'
import { hyperliquidOpenInterest } from '@backtide/datasets/hyperliquid/open-interest'
import type { Dataset } from '@backtide/datasets/dataset'
import { createClient } from '@backtide/stack/servers/s3-client'
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { Sender } from '@questdb/nodejs-client'
import { decompressFrame } from 'lz4-napi'
import type { Finding } from '../finding.ts'
import { ARCHIVE_BUCKET } from '../input/archive.ts'
import { makeContexts, type ContextInput } from '../input/contexts.ts'
import { openLoadPath } from '../load-path.ts'
import type { Options } from '../options.ts'
import type { Place } from '../place.ts'
import { interleave, median, ratio } from '../series.ts'
import { expectRows, forgetAll, untilApplied } from '../tables.ts'

/** A day of contexts of all coins: the load path, into each table, against a naive pipeline. */
export async function measureContexts(place: Place, options: Options): Promise<Finding> {
  const input = makeContexts(START, COINS, 1440)
  const warmUp = makeContexts(START + 86_400_000, COINS, 100)
  const client = createClient(place.s3)
  for (const { key: Key, packed: Body } of [input, warmUp]) {
    await client.send(new PutObjectCommand({ Bucket: ARCHIVE_BUCKET, Key, Body }))
  }
  await place.store.ensureTables(MADE.map(({ dataset }) => dataset.table))
  const path = openLoadPath(place)
  const contestants = (part: ContextInput) => ({
    naive: () => time(place, part, WIDE, () => loadNaively(place, client, part)),
    ...Object.fromEntries(
      MADE.map((made) => [
        made.dataset.id,
        () => time(place, part, made, () => path.load(made.dataset, part)),
      ]),
    ),
  })
  try {
    await interleave(1, contestants(warmUp))
    return findingOf(input, await interleave(options.runs, contestants(input)))
  } finally {
    await path.close()
    client.destroy()
  }
}

const START = Date.UTC(2026, 0, 5)
/** 222,000 rows a day. */
const COINS = 154

interface Made {
  readonly dataset: Dataset
  /** Of a context. */
  readonly rows: number
}

const WIDE: Made = { dataset: hyperliquidAssetCtxs, rows: 1 }
const MADE: readonly Made[] = [
  WIDE,
  { dataset: hyperliquidMarketData, rows: 8 },
  { dataset: hyperliquidFundingArchive, rows: 1 },
  { dataset: hyperliquidOpenInterest, rows: 1 },
]

/** Seconds from an empty table until all rows are applied. */
async function time(
  { store }: Place,
  input: ContextInput,
  { dataset, rows }: Made,
  load: () => Promise<void>,
) {
  const { name } = dataset.table
  await forgetAll(store, [name])
  const start = performance.now()
  await load()
  await untilApplied(store, name)
  const seconds = (performance.now() - start) / 1000
  await expectRows(store, name, input.rows * rows)
  return seconds
}

/** What one writes first: the whole object, `split`, the official `Sender`. */
async function loadNaively(place: Place, client: S3Client, { key: Key }: ContextInput) {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: ARCHIVE_BUCKET, Key }))
  const packed = Buffer.from((await Body?.transformToByteArray()) ?? [])
  const [header = '', ...lines] = (await decompressFrame(packed)).toString().split('\n')
  const columns = header.split(',').slice(2)
  const sender = await Sender.fromConfig(place.questdb.clientConf)
  for (const line of lines) {
    if (line === '') continue
    const [instant = '', coin = '', ...values] = line.split(',')
    sender
      .table(hyperliquidAssetCtxs.table.name)
      .symbol('exchange', 'hyperliquid')
      .symbol('market', 'perp')
      .symbol('symbol', coin)
    for (const [at, name] of columns.entries()) sender.floatColumn(name, Number(values[at]))
    await sender.at(Date.parse(instant), 'ms')
  }
  await sender.flush()
  await sender.close()
}

function findingOf(
  { rows, bytes }: ContextInput,
  seconds: Readonly<Record<string, readonly number[]>>,
): Finding {
  const { naive = [], [WIDE.dataset.id]: load = [] } = seconds
  const faster = ratio(naive, load)
  const lines = [
    { name: 'naive pipeline', unit: 's', values: naive },
    ...MADE.map(({ dataset: { id } }) => ({ name: id, unit: 's', values: seconds[id] ?? [] })),
    { name: `naive pipeline ÷ ${WIDE.dataset.id}`, unit: '×', values: faster },
  ]
  const title = `Contexts: a day of all coins, ${rows} rows, ${Math.round(bytes / 1e6)} MB`
  const summary = { contextsSeconds: median(load), contextsVsNaive: median(faster) }
  return { sections: [{ title, lines }], summary }
}
