import { createCapture } from '@backtide/collector/capture/capture'
import { readMessage } from '@backtide/collector/capture/line'
import { createClock } from '@backtide/collector/clock'
import process from 'node:process'

/**
 * A process that captures numbers as fast as it can, until it is killed; says after each flush which
 * was the last that is on disk. Argument: the folder.
 */
const [root = ''] = process.argv.slice(2)
const clock = createClock()
let next = 0
let durable = -1

const capture = createCapture({
  place: { root, exchange: 'x', market: 'y', connection: 'z', server: 'test' },
  flushMs: 20,
  onDurable: ({ lines }) => {
    durable += lines
    process.stdout.write(`${durable}\n`)
  },
  onFailed: (error) => {
    throw error
  },
})

setInterval(() => {
  if (capture.isFull()) return
  for (let count = 0; count < 200; count++) {
    capture.message(clock.now(), readMessage(Buffer.from(`{"n":${next++}}`)))
  }
}, 1)
