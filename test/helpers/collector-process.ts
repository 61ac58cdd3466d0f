import { openHost } from '@backtide/collector/host'
import { BINANCE_SPOT } from '@backtide/collector/venues/binance-spot'
import process from 'node:process'
import { atServer } from './venue-server-rules.ts'

/** A process that collects trades of BTCUSDT, until it is killed. Arguments: the folder, the venue's host. */
const [root = '', venue = ''] = process.argv.slice(2)

const host = await openHost({
  root,
  server: 'test',
  flushMs: 200,
  venueOf: () => atServer(BINANCE_SPOT, venue),
  onHole: () => undefined,
  onAlarm: (message) => process.stderr.write(`${message}\n`),
})
await host.take({
  exchange: 'binance',
  market: 'spot',
  connection: 'stream-0',
  replica: 1,
  wanted: [{ symbol: 'BTCUSDT', channels: ['trades'] }],
})
