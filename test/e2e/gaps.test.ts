import { GAP_CAUSES } from '@backtide/core/gap'
import { DAY_MS, HOUR_MS } from '@backtide/core/range'
import { isRepairable } from '@backtide/core/repairable'
import { isComplete, OBJECT_STATES, type ObjectState } from '@backtide/core/state'
import type { Gap, GapPosition } from '@backtide/store/ledger/find-gaps'
import { listLedger } from '@backtide/store/ledger/list-ledger'
import type { LedgerRow } from '@backtide/store/ledger/ledger-row'
import { writeLedger } from '@backtide/store/ledger/write-ledger'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ledgerRow } from '../unit/api/fake-ledger.ts'
import { runCli, serveApp } from '../unit/cli/run-cli.ts'
import { bookKey, hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { books } from '../helpers/books.ts'
import { countRequests, type Requests } from '../helpers/counting-store.ts'
import { ownServers } from '../helpers/servers.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
const requests: Requests = { opened: [], bodies: [] }
let backtide: Backtide

beforeAll(async () => {
  backtide = await openBacktide(servers)
  return () => backtide[Symbol.asyncDispose]()
})

describe('An archive with holes', () => {
  let worker: AsyncDisposable
  let api: Awaited<ReturnType<typeof serveApp>>
  let scope: string[]
  let day: string

  beforeAll(async () => {
    worker = await startWorker(servers, { objects: (store) => countRequests(store, requests) })
    api = await serveApp(backtide.app)
    day = servers.nextDay()
    for (const hour of [0, 1, 3, 5, 6, 7]) {
      const at = hourOf(day, hour)
      await archive.putBooks('BTC', at, books({ coin: 'BTC', hour: at, count: 5 }))
    }
    await archive.put(bookKey('BTC', hourOf(day, 4)), Buffer.from('no frame'))
    const request = { dataset: 'hyperliquid.l2_book', coins: ['BTC'] }
    const id = await backtide.start({ ...request, from: day, to: `${day}T05` })
    await backtide.ended(id)
    await forgetHour(0)
    scope = ['hyperliquid.l2_book', '--coins', 'BTC', '--from', day, '--to', `${day}T08`]
    requests.opened.length = 0
  })

  afterAll(async () => {
    await api[Symbol.asyncDispose]()
    await worker[Symbol.asyncDispose]()
  })

  /** Puts the object of an hour on record as failed. */
  const forgetHour = async (hour: number) => {
    const range = { from: hourOf(day, hour), to: hourOf(day, hour + 1) }
    const found = { dataset: 'hyperliquid.l2_book', symbols: ['BTC'], range }
    const rows = await listLedger(backtide.store.db, found)
    await writeLedger(
      backtide.store.db,
      rows.map((row) => ({ ...row, state: 'failed' as const, reason: 'it gave up' })),
    )
  }

  const at = (hour: number) => `${day}T0${hour}:00:00Z`

  const cli = (args: readonly string[], input = '') => runCli(args, { api: api.address, input })

  it('has its gaps with their causes, which piped into repair are filled as far as they can be', async () => {
    const gaps = await cli(['gaps', ...scope, '--json'])
    const found = gaps.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(found).toMatchObject([
      { from: at(0), to: at(1), cause: 'failed', reason: 'it gave up', repairable: true },
      { from: at(2), to: at(3), cause: 'missing', repairable: false },
      { from: at(4), to: at(5), cause: 'corrupt', repairable: false },
      { from: at(5), to: at(8), cause: 'unknown', objects: 3, repairable: true },
    ])
    expect((await cli(['coverage', ...scope, '--fail-under', '25'])).code).toBe(0)
    expect((await cli(['coverage', ...scope, '--fail-under', '25.1'])).code).toBe(3)

    const repaired = await cli(['repair', '-', '--wait', '--json'], gaps.stdout)
    expect(JSON.parse(repaired.stdout)).toMatchObject({ state: 'incomplete', rows: 30 })
    expect(repaired.code).toBe(3)
    expect(requests.opened.map(({ key }) => key).toSorted()).toEqual(
      [0, 5, 6, 7].map((hour) => bookKey('BTC', hourOf(day, hour))),
    )
  })

  it('is not asked for anything by a second repair: nothing changed', async () => {
    requests.opened.length = 0
    const left = await cli(['gaps', ...scope, '--json'])
    expect(left.stdout.trim().split('\n')).toHaveLength(2)
    for (const args of [
      ['repair', '-'],
      ['repair', ...scope],
    ]) {
      const { code, stdout, stderr } = await cli(args, left.stdout)
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
      expect(stderr).toContain('nothing is repairable')
      expect(stderr).toMatch(/1 missing in 1 gap: .* --reprocess missing/)
      expect(stderr).toMatch(/1 corrupt in 1 gap: .* --reprocess corrupt/)
    }
    expect(requests.opened).toEqual([])
  })
})

describe('Gaps of a ledger', () => {
  const SERIES = ['A', 'B', 'C', 'D']
  const FROM = Date.UTC(2021, 0, 1)
  const range = { from: FROM, to: FROM + 5 * DAY_MS }
  const NOW = range.to + DAY_MS
  const versions = [{ until: FROM + 2 * DAY_MS, versions: [1] }, { versions: [2, 3] }]
  const versionOf = (at: number) => (at < FROM + 2 * DAY_MS ? 1 : 2)
  let rows: LedgerRow[]

  beforeAll(async () => {
    rows = SERIES.slice(0, 3).flatMap((symbol, series) =>
      Array.from({ length: 120 }, (_, hour) => rowOf(symbol, hour, series)).flat(),
    )
    await backtide.store.ensureTables([])
    await writeLedger(backtide.store.db, rows)
  })

  /** Every state at some time, in stretches; some hours without a row, some with two. */
  const rowOf = (symbol: string, hour: number, series: number): LedgerRow[] => {
    const partition = FROM + hour * HOUR_MS
    const pick = (Math.floor(hour / 3) * 7 + series * 5) % (OBJECT_STATES.length + 2)
    const state = OBJECT_STATES[pick]
    if (!state) return []
    const row = ledgerRow({
      dataset: 'test.gaps',
      partition,
      symbol,
      state,
      object: `${symbol}/${hour}`,
      reason: isComplete(state) ? '' : `${state} ${hour % 2 ? 'at' : 'by'} night`.slice(0, 12),
      decoderVersion: hour % 4 === 0 ? 0 : 1,
      checkedAt: NOW - (hour % 5) * 2 * HOUR_MS,
    })
    return hour % 50 === 7 ? [row, { ...row, object: `${symbol}/${hour}/2` }] : [row]
  }

  /** What every hour of every series is, one after the other. */
  const hourly = () =>
    SERIES.flatMap((series) =>
      Array.from({ length: 120 }, (_, hour) => {
        const partition = FROM + hour * HOUR_MS
        const row = rows.find((one) => one.symbol === series && one.partition === partition)
        if (!row) return { series, partition, cause: 'unknown', reason: '', repairable: true }
        const { state: cause, reason } = row
        const repairable = isRepairable(row, versionOf(partition), NOW)
        return { series, partition, cause, reason, repairable }
      }),
    ).filter(({ cause }) => cause === 'unknown' || !isComplete(cause as ObjectState))

  const asked = {
    dataset: 'test.gaps',
    symbols: SERIES,
    range,
    partitionLength: HOUR_MS,
    causes: GAP_CAUSES,
    atLeast: 0,
    now: NOW,
    versions,
    limit: 10_000,
  }

  it('hold every hour that is not complete, with its cause, as the loads would judge it', async () => {
    const gaps = await backtide.store.findGaps(asked)
    const hours = gaps.flatMap(({ from, to, series, cause, reason, repairable }) =>
      Array.from({ length: (to - from) / HOUR_MS }, (_, index) => {
        const partition = from + index * HOUR_MS
        return { series, partition, cause, reason, repairable }
      }),
    )
    expect(hours.map(textOf).toSorted()).toEqual(hourly().map(textOf).toSorted())
    expect(gaps.find(({ series }) => series === 'D')).toMatchObject({ ...range, objects: 120 })
  })

  it('are merged: no two of one cause touch, and two objects of a partition are one part of them', async () => {
    const gaps = await backtide.store.findGaps(asked)
    const touching = gaps.filter((gap) =>
      gaps.some((next) => next.from === gap.to && causeOf(next) === causeOf(gap)),
    )
    expect(touching).toEqual([])
    expect(gaps.length).toBeLessThan(hourly().length)
  })

  it('are found by cause and length, and from any of them on', async () => {
    const all = await backtide.store.findGaps(asked)
    const long = await backtide.store.findGaps({
      ...asked,
      atLeast: 2 * HOUR_MS,
      causes: ['unknown', 'missing'],
    })
    expect(long).toEqual(
      all.filter(
        ({ from, to, cause }) =>
          to - from >= 2 * HOUR_MS && (cause === 'unknown' || cause === 'missing'),
      ),
    )
    for (const start of [0, 7, 8, 40, all.length - 1]) {
      const since = all[start]
      if (!since) throw new Error('too few gaps')
      const first = all.findIndex((gap) => positionOf(gap) === positionOf(since))
      const page = await backtide.store.findGaps({ ...asked, since, limit: 9 })
      expect(page).toEqual(all.slice(first, first + 9))
    }
  })

  it('are counted by reason', async () => {
    const reasons = await backtide.store.gapReasons({ ...asked, symbols: ['A'] }, 3)
    const own = rows.filter(({ symbol, state }) => symbol === 'A' && !isComplete(state))
    for (const { state, reason, objects } of reasons) {
      const same = own.filter((row) => row.state === state && row.reason === reason)
      expect(objects).toBe(same.length)
    }
    expect(reasons).toHaveLength(3)
  })
})

function causeOf({ series, cause, reason, repairable }: Gap): string {
  return JSON.stringify([series, cause, reason, repairable])
}

function positionOf({ from, series, cause }: GapPosition): string {
  return JSON.stringify([from, series, cause])
}

function textOf(value: object): string {
  return JSON.stringify(value)
}
