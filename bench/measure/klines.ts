import { formatInstant } from '@backtide/core/range'
import { binanceKlines } from '@backtide/datasets/binance/klines'
import { openFileHost } from '@backtide/test/helpers/file-host'
import { Sender } from '@questdb/nodejs-client'
import { startBacktide } from '../backtide.ts'
import type { Finding } from '../finding.ts'
import { makeCandles, type CandleInput } from '../input/candles.ts'
import type { Options } from '../options.ts'
import type { Place } from '../place.ts'
import { interleave, median, ratio } from '../series.ts'
import { expectRows, forgetAll, untilApplied } from '../tables.ts'
import { watchProcessors, type ProcessorWatch } from '../watch-processors.ts'
import { fetchZippedLines } from '../zipped-lines.ts'

/**
 * Many small files: a month of minutes of 20 coins by API, workflows and a worker process, verified
 * and on record, against a naive pipeline over the same files.
 */
export async function measureKlines(place: Place, options: Options): Promise<Finding> {
  const input = makeCandles(COINS, MONTH, 30)
  const warmUp = makeCandles(COINS, MONTH, 3)
  await using host = await openFileHost()
  for (const { key, bytes } of input.files) host.putSummed(`/${key}`, bytes)
  const sources = JSON.stringify({ 'binance-files': { baseUrl: host.url } })
  const env = { ...place.env, BACKTIDE_SOURCES: sources }
  await place.store.ensureTables([binanceKlines.table])
  await using backtide = await startBacktide({ ...place, env })
  const durable = async (part: CandleInput) => {
    await forgetAll(place.store, [TABLE])
    const seconds = await backtide.backfill(requestFor(part), part.rows)
    await expectRows(place.store, TABLE, part.rows)
    return seconds
  }
  const naive = async (part: CandleInput) => {
    await forgetAll(place.store, [TABLE])
    const start = performance.now()
    await loadNaively(place.questdb.clientConf, host.url, part)
    await untilApplied(place.store, TABLE)
    const seconds = (performance.now() - start) / 1000
    await expectRows(place.store, TABLE, part.rows)
    return seconds
  }
  await naive(warmUp)
  await durable(warmUp)
  const processors = watchProcessors({
    ...backtide.processes,
    Temporal: place.temporal.process.pid,
    QuestDB: place.questdb.process.pid,
    'the file host': process.pid,
  })
  const seconds = await interleave(options.runs, {
    naive: () => naive(input),
    durable: () => processors.during(() => durable(input)),
  })
  return findingOf(input, seconds, processors)
}

const COINS = Array.from({ length: 20 }, (_, index) => `COIN${index + 10}USDT`)
const MONTH = Date.UTC(2025, 5, 1)
const TABLE = binanceKlines.table.name

function requestFor({ coins, range }: CandleInput): object {
  const [from, to] = [formatInstant(range.from), formatInstant(range.to)]
  return { dataset: binanceKlines.id, coins, intervals: ['1m'], from, to }
}

/** What one writes first: whole files, `split`, the official `Sender`, which flushes by itself. */
async function loadNaively(conf: string, url: string, { files }: CandleInput): Promise<void> {
  const sender = await Sender.fromConfig(conf)
  for (const { coin, key } of files) {
    for (const line of await fetchZippedLines(`${url}/${key}`)) await addRow(sender, coin, line)
  }
  await sender.flush()
  await sender.close()
}

async function addRow(sender: Sender, coin: string, line: string): Promise<void> {
  const [ts, open, high, low, close, volume, , quote, count] = line.split(',')
  await sender
    .table(TABLE)
    .symbol('exchange', 'binance')
    .symbol('market', 'spot')
    .symbol('symbol', coin)
    .symbol('origin', 'archive')
    .symbol('interval', '1m')
    .floatColumn('open', Number(open))
    .floatColumn('high', Number(high))
    .floatColumn('low', Number(low))
    .floatColumn('close', Number(close))
    .floatColumn('volume', Number(volume))
    .floatColumn('quote_volume', Number(quote))
    .intColumn('trades', Number(count))
    .booleanColumn('closed', true)
    .at(BigInt(ts ?? 0), 'us')
}

function findingOf(
  { files, rows }: CandleInput,
  { naive, durable }: Readonly<Record<'naive' | 'durable', readonly number[]>>,
  processors: ProcessorWatch,
): Finding {
  const faster = ratio(naive, durable)
  const lines = [
    { name: 'naive pipeline', unit: 's', values: naive },
    { name: 'whole backfill', unit: 's', values: durable },
    ...processors.lines,
    { name: 'rows', unit: 'rows/s', values: durable.map((one) => rows / one) },
    { name: 'naive pipeline ÷ whole backfill', unit: '×', values: faster },
  ]
  const title = `Candles: ${files.length} files of 1,440 minutes, ${COINS.length} coins`
  const summary = { klinesSeconds: median(durable), klinesVsNaive: median(faster) }
  return { sections: [{ title, lines }], summary }
}
