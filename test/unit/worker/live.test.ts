import { createActivityMetrics } from '@backtide/activities/metrics'
import type { Collecting } from '@backtide/collector/host'
import { holeId, type FoundHole, type Hole } from '@backtide/core/hole'
import type { CollectProgress } from '@backtide/core/live'
import { timeText } from '@backtide/core/nano-time'
import type { Claim } from '@backtide/worker/live/claims'
import { createHoleWriter } from '@backtide/worker/live/hole-writer'
import { lookAfter } from '@backtide/worker/live/look-after'
import { addLiveMetrics, streamsWithoutData } from '@backtide/worker/live/metrics'
import { nameOfHost, takeFolder } from '@backtide/worker/live/own-folder'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../helpers/captures.ts'
import { waitUntil } from '../../helpers/wait-until.ts'

describe('the folder of a host', () => {
  it('belongs to one at a time, however long its path', async () => {
    const root = join(temporaryFolder(), 'a'.repeat(60), 'b'.repeat(60))
    mkdirSync(root, { recursive: true })
    const first = await takeFolder(root)
    await expect(takeFolder(root)).rejects.toThrow(/another process collects there\. End it, or/)
    first.release()
    const second = await takeFolder(root)
    second.release()
  })

  it('is free again the moment its process is killed', async () => {
    const root = temporaryFolder()
    const script = `require('node:net').createServer().listen(${JSON.stringify(join(root, 'owner.sock'))}, () => console.log('there'))`
    const owner = spawn(process.execPath, ['-e', script])
    await once(owner.stdout, 'data')
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    const lock = await takeFolder(root)
    lock.release()
  })

  it('keeps the name of its host, and gives a new one for what is none', () => {
    const root = temporaryFolder()
    const name = nameOfHost(root)
    expect(nameOfHost(root)).toBe(name)
    writeFileSync(join(root, 'name'), '../elsewhere')
    expect(nameOfHost(root)).toMatch(/^\w[\w-]+$/)
  })
})

const HOLE: Hole = {
  id: 'a',
  exchange: 'binance',
  market: 'spot',
  symbol: 'BTCUSDT',
  channels: ['trades'],
  stream: 'btcusdt@trade',
  from: 1n,
  cause: 'silent',
  state: 'open',
}

describe('holes', () => {
  it('wait while QuestDB is away, and go as what was said of them last, in that order', async () => {
    const written: FoundHole[][] = []
    const troubles: unknown[] = []
    let isAway = true
    const writer = createHoleWriter({
      store: {
        putHoles: async (holes) => {
          if (isAway) throw new Error('away')
          written.push([...holes])
        },
      },
      onTrouble: (error) => troubles.push(error),
    })
    writer.put('host', HOLE)
    await waitUntil('the first try', () => troubles.length > 0)
    writer.put('host', { ...HOLE, id: 'b' })
    writer.put('host', { ...HOLE, until: 2n })
    isAway = false
    await waitUntil('the rows', () => written.length > 0)
    await writer.close()
    expect(written.flat().map(({ id, until }) => [id, until])).toEqual([
      ['b', undefined],
      ['a', 2n],
    ])
    expect(troubles).toHaveLength(1)
  })

  it('are given up at the end when QuestDB is silent, after some seconds', async () => {
    const writer = createHoleWriter({
      store: { putHoles: () => new Promise(() => undefined) },
      onTrouble: () => undefined,
    })
    writer.put('host', HOLE)
    await writer.close()
  })
})

/** Something that is collected here, of which nobody knows but what Temporal says. */
function unheld(
  claim: Claim,
  { since = 100n, brokeOff = undefined as Collecting['brokeOff'] } = {},
) {
  const dropped: string[] = []
  const told: (readonly [string, Hole])[] = []
  const { exchange, market, stream } = HOLE
  const collecting = {
    id: 'x',
    since,
    brokeOff,
    holesFrom: ({ at, cause }) => [
      { ...HOLE, id: holeId({ exchange, market, stream }, at), from: at, cause },
    ],
  } as Partial<Collecting> as Collecting
  const held = new Set<string>()
  const after = lookAfter({
    host: {
      all: () => (dropped.length > 0 ? [] : [collecting]),
      drop: async (id) => {
        dropped.push(id)
        return 1n
      },
    },
    server: 'mine',
    held,
    claims: { of: async () => claim },
    everyMs: 60_000,
    putHole: (server, hole) => told.push([server, hole]),
  })
  onTestFinished(() => after.stop())
  return { after, dropped, told, held }
}

const OTHER: CollectProgress = {
  server: 'other',
  state: 'running',
  brokeOff: { at: timeText(200n), cause: 'process_dead' },
  messages: 1,
  bytes: 1,
  connects: 1,
  openHoles: 0,
  waiting: [],
}

describe('what no attempt holds', () => {
  it.each<[string, Claim]>([
    ['nobody else has it, or Temporal does not answer', { kind: 'free' }],
    [
      'another host has brought nothing yet',
      { kind: 'taken', by: { ...OTHER, state: 'connecting' } },
    ],
    ['another host still waits for streams', { kind: 'taken', by: { ...OTHER, waiting: ['x'] } }],
  ])('goes on while %s', async (_when, claim) => {
    const { after, dropped } = unheld(claim)
    expect(await after.look()).toBe(true)
    expect(dropped).toEqual([])
  })

  it('is left alone when an attempt has it', async () => {
    const { after, dropped, held } = unheld({ kind: 'ended' })
    held.add('x')
    expect(await after.look()).toBe(false)
    expect(dropped).toEqual([])
  })

  it('ends when it is paused, cancelled or unknown', async () => {
    const { after, dropped, told } = unheld({ kind: 'ended' })
    expect(await after.look()).toBe(false)
    expect(dropped).toEqual(['x'])
    expect(told).toEqual([])
  })

  it('ends when another host brings everything, whose hole is none: this one went on', async () => {
    const { after, dropped, told } = unheld({ kind: 'taken', by: OTHER })
    await after.look()
    expect(dropped).toEqual(['x'])
    expect(told).toMatchObject([
      ['other', { from: 200n, cause: 'process_dead', state: 'refuted', stream: HOLE.stream }],
    ])
  })

  it('has no hole of its own when another host had gone on since before it began again', async () => {
    const brokeOff = { at: 250n, cause: 'process_dead' } as const
    const { after, told } = unheld({ kind: 'taken', by: OTHER }, { since: 300n, brokeOff })
    await after.look()
    expect(told).toMatchObject([['mine', { from: 250n, state: 'refuted' }]])
  })
})

describe('metrics of what is collected', () => {
  it('add up the connections of a market, and count the files that wait', async () => {
    const { registry } = createActivityMetrics()
    const status = { messages: 2, bytes: 10, unreadable: 0, connects: 1, openHoles: [HOLE] }
    const one = (market: string) =>
      ({
        id: `binance/${market}`,
        assignment: { exchange: 'binance', market },
        status: () => ({ ...status, waiting: ['x'] }),
      }) as unknown as Collecting
    const host = { all: () => [one('spot'), one('spot'), one('perp')] }
    addLiveMetrics(registry, { host, uploader: { backlog: async () => 7 } })
    const text = await registry.metrics()
    expect(text).toContain('backtide_feed_messages_total{exchange="binance",market="spot"} 4\n')
    expect(text).toContain('backtide_feed_holes_open{exchange="binance",market="perp"} 1\n')
    expect(text).toContain('backtide_capture_files_waiting 7\n')
    expect(await registry.metrics()).toBe(text)
    expect(streamsWithoutData(host)).toEqual(['binance/spot x', 'binance/spot x', 'binance/perp x'])
  })
})
