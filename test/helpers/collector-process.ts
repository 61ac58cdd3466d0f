import { startCollecting } from '@backtide/collector/collect'
import { BINANCE_SPOT } from '@backtide/collector/venues/binance-spot'
import process from 'node:process'
import { atServer } from './venue-server-rules.ts'

/** A process that collects trades of BTCUSDT, until it is killed. Arguments: the folder, the venue's host. */
const [root = '', host = ''] = process.argv.slice(2)

await startCollecting({
  root,
  server: 'test',
  flushMs: 200,
  markets: [
    {
      venue: atServer(BINANCE_SPOT, host),
      wanted: [{ symbol: 'BTCUSDT', channels: ['trades'] }],
    },
  ],
  onHole: () => undefined,
  onAlarm: (message) => process.stderr.write(`${message}\n`),
})
