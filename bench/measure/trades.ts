import { formatInstant } from '@backtide/core/range'
import { binanceTrades } from '@backtide/datasets/binance/trades'
import { openFileHost } from '@backtide/test/helpers/file-host'
import { Sender } from '@questdb/nodejs-client'
import { startBacktide } from '../backtide.ts'
import type { Finding } from '../finding.ts'
import { firstDays, makeTrades, type TradeInput } from '../input/trades.ts'
import { openLoadPath } from '../load-path.ts'
import type { Options } from '../options.ts'
import type { Place } from '../place.ts'
import { interleave, median, ratio } from '../series.ts'
import { expectRows, forgetAll, untilApplied } from '../tables.ts'
import { fetchZippedLines } from '../zipped-lines.ts'

/**
 * A million trades of Binance in ten files: the load path, and a whole backfill by API, workflows and
 * a worker process, verified and on record, against a naive pipeline over the same files.
 */
export async function measureTrades(bare: Place, options: Options): Promise<Finding> {
  const input = makeTrades(START, DAYS, PER_DAY)
  await using host = await openFileHost()
  for (const { key, packed } of input.files) host.putSummed(`/${key}`, packed)
  const BACKTIDE_SOURCES = JSON.stringify({ 'binance-files': { baseUrl: host.url } })
  const place = { ...bare, env: { ...bare.env, BACKTIDE_SOURCES } }
  await place.store.ensureTables([binanceTrades.table])
  const path = openLoadPath(place)
  await using backtide = await startBacktide(place)
  try {
    const conf = place.questdb.clientConf
    const contestants = (part: TradeInput) => ({
      naive: () => time(place, part, () => loadNaively(conf, host.url, part)),
      load: () => time(place, part, () => path.load(binanceTrades, part)),
      durable: async () => {
        let seconds = 0
        await time(place, part, async () => {
          seconds = await backtide.backfill(requestFor(part), part.rows)
        })
        return seconds
      },
    })
    await interleave(1, contestants(firstDays(input, 2)))
    return findingOf(input, await interleave(options.runs, contestants(input)))
  } finally {
    await path.close()
  }
}

const START = Date.UTC(2025, 5, 1)
const DAYS = 10
const PER_DAY = 100_000
const TABLE = binanceTrades.table.name

/** Seconds from an empty table until all rows are applied. */
async function time(
  { store }: Place,
  { rows }: TradeInput,
  load: () => Promise<void>,
): Promise<number> {
  await forgetAll(store, [TABLE])
  const start = performance.now()
  await load()
  await untilApplied(store, TABLE)
  const seconds = (performance.now() - start) / 1000
  await expectRows(store, TABLE, rows)
  return seconds
}

function requestFor({ coins, range }: TradeInput): object {
  const [from, to] = [formatInstant(range.from), formatInstant(range.to)]
  return { dataset: binanceTrades.id, coins, from, to }
}

/** What one writes first: whole files, `split`, the official `Sender`, which flushes by itself. */
async function loadNaively(conf: string, url: string, { coins, files }: TradeInput): Promise<void> {
  const [coin = ''] = coins
  const sender = await Sender.fromConfig(conf)
  for (const { key } of files) {
    for (const line of await fetchZippedLines(`${url}/${key}`)) await addRow(sender, coin, line)
  }
  await sender.flush()
  await sender.close()
}

async function addRow(sender: Sender, coin: string, line: string): Promise<void> {
  const [id = '', price, size, , ts = '', isBuyerMaker] = line.split(',')
  await sender
    .table(TABLE)
    .symbol('exchange', 'binance')
    .symbol('market', 'spot')
    .symbol('symbol', coin)
    .symbol('origin', 'archive')
    .symbol('side', isBuyerMaker === 'True' ? 'sell' : 'buy')
    .stringColumn('trade_id', id)
    .floatColumn('price', Number(price))
    .floatColumn('size', Number(size))
    .at(BigInt(ts), 'us')
}

function findingOf(
  { files, rows, bytes }: TradeInput,
  { naive, load, durable }: Readonly<Record<'naive' | 'load' | 'durable', readonly number[]>>,
): Finding {
  const [loadFaster, durableFaster] = [ratio(naive, load), ratio(naive, durable)]
  const lines = [
    { name: 'naive pipeline', unit: 's', values: naive },
    { name: 'load path', unit: 's', values: load },
    { name: 'whole backfill', unit: 's', values: durable },
    { name: 'naive pipeline ÷ load path', unit: '×', values: loadFaster },
    { name: 'naive pipeline ÷ whole backfill', unit: '×', values: durableFaster },
  ]
  const title = `Trades: ${files.length} files, ${rows} rows, ${Math.round(bytes / 1e6)} MB`
  const summary = { tradesSeconds: median(durable), tradesVsNaive: median(durableFaster) }
  return { sections: [{ title, lines }], summary }
}
