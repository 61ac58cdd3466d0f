import { timeText } from '@backtide/collector/capture/line'
import { startCollecting } from '@backtide/collector/collect'
import { BINANCE_SPOT } from '@backtide/collector/venues/binance-spot'
import type { Hole } from '@backtide/core/hole'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { streamIn } from '../../helpers/captured-frames.ts'
import { filesOf, readCaptures, temporaryFolder } from '../../helpers/captures.ts'
import { binanceFrames } from '../../helpers/venue-feeds.ts'
import { atServer, binanceRules } from '../../helpers/venue-server-rules.ts'
import { startVenueServer } from '../../helpers/venue-server.ts'
import { waitUntil } from '../../helpers/wait-until.ts'

const SCRIPT = fileURLToPath(new URL('../../helpers/collector-process.ts', import.meta.url))

describe('a collector that is killed', () => {
  it('loses no more than what was not flushed, and its successor says from when to when', async () => {
    const root = temporaryFolder()
    const frames = binanceFrames('BTCUSDT')
    const server = await startVenueServer(binanceRules())
    onTestFinished(() => server[Symbol.asyncDispose]())
    const sent: { readonly at: number }[] = []
    const publish = () => {
      if (!server.hasSubscriber(frames.tradeStream)) return
      server.publish(frames.tradeStream, frames.trade())
      sent.push({ at: performance.now() })
    }

    const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, root, server.host])
    onTestFinished(() => void child.kill('SIGKILL'))
    await waitUntil('some seconds of trades', () => {
      publish()
      return sent.length > 100
    })
    child.kill('SIGKILL')
    const killedAt = performance.now()
    await once(child, 'exit')

    const holes = new Map<string, Hole>()
    const alarms: string[] = []
    const [session] = await startCollecting({
      root,
      server: 'test',
      markets: [
        {
          venue: atServer(BINANCE_SPOT, server.host),
          wanted: [{ symbol: 'BTCUSDT', channels: ['trades'] }],
        },
      ],
      onHole: (hole) => holes.set(hole.id, hole),
      onAlarm: (message) => alarms.push(message),
    })
    const before = readCaptures(root)
    const trades = before.filter((line) => streamIn(line) === frames.tradeStream)
    const old = sent.filter(({ at }) => at < killedAt - 1500)
    expect(trades.length).toBeGreaterThanOrEqual(old.length)
    expect(old.length).toBeGreaterThan(0)

    await waitUntil('the end of the hole', () => {
      publish()
      return [...holes.values()].some((hole) => hole.until !== undefined)
    })
    await session?.stop()
    const after = readCaptures(root).slice(before.length)
    const first = after.find((line) => streamIn(line) === frames.tradeStream)
    const [hole, ...others] = holes.values()
    expect(others).toEqual([])
    expect(hole).toMatchObject({ cause: 'process_dead', state: 'open', symbol: 'BTCUSDT' })
    expect(timeText(hole?.from ?? 0n)).toBe(before.at(-1)?.time)
    expect(timeText(hole?.until ?? 0n)).toBe(first?.time)
    expect(filesOf(root).every((name) => name.endsWith('.lz4'))).toBe(true)
    expect(alarms).toEqual([])
  })
})

describe('what is to be collected', () => {
  it.each([
    ['a symbol that the venue cannot have', 'btcusdt', 'is no symbol of binance spot'],
    ['a symbol that would leave its place', '../../etc', 'is no symbol of binance spot'],
  ])('may not be %s', async (_what, symbol, message) => {
    const collecting = startCollecting({
      root: '/nowhere',
      server: 'test',
      markets: [{ venue: BINANCE_SPOT, wanted: [{ symbol, channels: ['trades'] }] }],
      onHole: () => undefined,
      onAlarm: () => undefined,
    })
    await expect(collecting).rejects.toThrow(message)
  })
})
