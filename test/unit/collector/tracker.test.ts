import { createTracker, type StreamTracker } from '@backtide/collector/holes/tracker'
import type { Proof } from '@backtide/collector/venue'
import type { Hole } from '@backtide/core/hole'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

describe('a stream whose ids prove everything', () => {
  it('has no hole while ids follow on each other, though frames come twice', () => {
    const tracker = track('ids')
    expect([1, 2, 2, 3].flatMap((id) => trade(tracker, id))).toEqual([])
  })

  it('has a hole from the last good frame to the first good one, with the ids that are missing', () => {
    const tracker = track('ids')
    trade(tracker, 1)
    expect(trade(tracker, 5).map(facts)).toEqual([
      { from: 1n, until: 5n, cause: 'ids_skipped', state: 'open', evidence: 'ids 2..4 missing' },
    ])
    expect(trade(tracker, 6)).toEqual([])
  })

  it('refutes a hole when all that was missing comes late', () => {
    const tracker = track('ids')
    trade(tracker, 1)
    const [hole] = trade(tracker, 4)
    expect(trade(tracker, 3)).toMatchObject([{ id: hole?.id, evidence: 'ids 2 missing' }])
    expect(trade(tracker, 2)).toMatchObject([{ id: hole?.id, state: 'refuted' }])
  })

  it('refutes the hole of a lost connection when ids go on after it', () => {
    const tracker = track('ids')
    trade(tracker, 1)
    expect(tracker.lost('a', 'connection_lost').map(facts)).toEqual([
      { from: 1n, cause: 'connection_lost', state: 'open' },
    ])
    expect(trade(tracker, 2)).toMatchObject([{ from: 1n, state: 'refuted' }])
  })

  it('keeps the hole of a lost connection when ids do not go on', () => {
    const tracker = track('ids')
    trade(tracker, 1)
    tracker.lost('a', 'connection_lost')
    expect(trade(tracker, 4).map(facts)).toEqual([
      {
        from: 1n,
        until: 4n,
        cause: 'connection_lost',
        state: 'open',
        evidence: 'ids 2..3 missing',
      },
    ])
  })

  it('knows ids beyond 2^53', () => {
    const tracker = track('ids')
    const at = 2n ** 53n
    tracker.data('a', 1n, { link: { before: at - 1n, last: at } })
    const holes = tracker.data('a', 2n, { link: { before: at + 1n, last: at + 2n } })
    expect(holes).toMatchObject([{ evidence: `ids ${at + 1n} missing` }])
  })

  it('finds exactly what is missing, whatever is dropped, doubled and swapped', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('kept', 'dropped', 'doubled', 'swapped')), (fates) => {
        const sent = deliver(['kept' as const, ...fates, 'kept' as const])
        const tracker = track('ids')
        const holes = new Map<string, Hole>()
        for (const [at, id] of sent.ids.entries()) {
          for (const hole of trade(tracker, id, at)) holes.set(hole.id, hole)
        }
        const real = [...holes.values()].filter((hole) => hole.state === 'open')
        for (const id of sent.dropped) {
          const before = BigInt(sent.ids.findLastIndex((other) => other < id && other < 1e9))
          expect(real.some((hole) => hole.from <= before + 1n && hole.until !== undefined)).toBe(
            true,
          )
        }
        if (sent.dropped.length === 0) expect(real).toEqual([])
      }),
    )
  })
})

describe('a book of changes', () => {
  it('is asked for once, and known from the snapshot that lies inside the changes', () => {
    const tracker = track('book')
    change(tracker, 10, 12)
    expect(tracker.needsSnapshot()).toBe(true)
    expect(tracker.snapshot(20n, 11n)).toEqual([])
    expect(tracker.needsSnapshot()).toBe(false)
  })

  it('is unknown from a break until a snapshot fits', () => {
    const tracker = known()
    expect(change(tracker, 16, 17).map(facts)).toEqual([
      { from: 12n, cause: 'ids_skipped', state: 'open', evidence: 'ids 13..15 missing' },
    ])
    expect(tracker.needsSnapshot()).toBe(true)
    expect(change(tracker, 18, 18)).toEqual([])
    expect(tracker.snapshot(30n, 17n).map(facts)).toEqual([
      {
        from: 12n,
        until: 30n,
        cause: 'ids_skipped',
        state: 'open',
        evidence: 'ids 13..15 missing',
      },
    ])
    expect(change(tracker, 19, 20)).toEqual([])
  })

  it('waits for the change that reaches beyond a younger snapshot', () => {
    const tracker = track('book')
    tracker.missed('no_first_data')
    change(tracker, 10, 12)
    expect(tracker.snapshot(20n, 15n)).toEqual([])
    expect(change(tracker, 13, 14)).toEqual([])
    expect(change(tracker, 15, 16).map(facts)).toMatchObject([{ from: 0n, until: 16n }])
  })

  it('asks again when a snapshot is older than the first change', () => {
    const tracker = track('book')
    change(tracker, 10, 12)
    tracker.snapshot(20n, 8n)
    expect(tracker.needsSnapshot()).toBe(true)
    tracker.snapshot(21n, 9n)
    expect(tracker.needsSnapshot()).toBe(false)
  })

  it('stays known over a lost connection when changes go on where they ended', () => {
    const tracker = known()
    tracker.lost('a', 'connection_lost')
    expect(change(tracker, 13, 14)).toMatchObject([{ state: 'refuted' }])
    expect(tracker.needsSnapshot()).toBe(false)
  })

  it('is known again without a snapshot when the missing change comes late', () => {
    const tracker = known()
    change(tracker, 14, 15)
    expect(change(tracker, 13, 13)).toMatchObject([{ state: 'refuted' }])
    expect(tracker.needsSnapshot()).toBe(false)
  })
})

describe('a stream that proves nothing', () => {
  it('has a hole whenever no connection was left that brought it', () => {
    const tracker = track('none')
    tracker.data('a', 1n)
    tracker.lost('a', 'connection_lost')
    expect(tracker.data('a', 5n).map(facts)).toEqual([
      { from: 1n, until: 5n, cause: 'connection_lost', state: 'open' },
    ])
  })

  it('has none while a successor brings it', () => {
    const tracker = track('none')
    tracker.data('a', 1n)
    tracker.data('b', 2n)
    expect(tracker.lost('a', 'connection_lost')).toEqual([])
  })

  it('never ends a hole before it begins, though the clock went back', () => {
    const tracker = track('none')
    tracker.data('a', 100n)
    tracker.lost('a', 'connection_lost')
    expect(tracker.data('a', 50n)).toMatchObject([{ from: 100n, until: 100n }])
  })

  it('has a hole from the last durable line of a process that died', () => {
    const tracker = createTracker({
      ...STREAM,
      proof: 'none',
      since: 10n,
      brokeOff: { at: 3n, cause: 'process_dead' },
    })
    expect(tracker.data('a', 12n).map(facts)).toEqual([
      { from: 3n, until: 12n, cause: 'process_dead', state: 'open' },
    ])
  })
})

describe('a stream whose first frame repeats records', () => {
  it('has no hole when a record is known', () => {
    const tracker = track('overlap')
    tracker.data('a', 1n, { keys: ['x', 'y'] })
    tracker.lost('a', 'connection_lost')
    expect(tracker.data('a', 5n, { keys: ['y', 'z'] })).toMatchObject([{ state: 'refuted' }])
  })

  it('has one when all are new', () => {
    const tracker = track('overlap')
    tracker.data('a', 1n, { keys: ['x', 'y'] })
    tracker.lost('a', 'connection_lost')
    expect(tracker.data('a', 5n, { keys: ['z'] })).toMatchObject([{ state: 'open', until: 5n }])
  })
})

const STREAM = {
  exchange: 'binance',
  market: 'spot',
  symbol: 'BTCUSDT',
  channels: ['trades'],
  stream: 'btcusdt@trade',
  since: 0n,
} as const

function track(proof: Proof): StreamTracker {
  return createTracker({ ...STREAM, proof })
}

function known(): StreamTracker {
  const tracker = track('book')
  change(tracker, 10, 12)
  tracker.snapshot(12n, 12n)
  return tracker
}

function trade(tracker: StreamTracker, id: number, time = id): readonly Hole[] {
  return tracker.data('a', BigInt(time), { link: { before: BigInt(id - 1), last: BigInt(id) } })
}

function change(tracker: StreamTracker, first: number, last: number): readonly Hole[] {
  const link = { before: BigInt(first - 1), last: BigInt(last) }
  return tracker.data('a', BigInt(last), { link })
}

function facts({ from, until, cause, state, evidence }: Hole): Partial<Hole> {
  return {
    from,
    cause,
    state,
    ...(until !== undefined && { until }),
    ...(evidence !== undefined && { evidence }),
  }
}

type Fate = 'kept' | 'dropped' | 'doubled' | 'swapped'

function deliver(fates: readonly Fate[]): { ids: readonly number[]; dropped: readonly number[] } {
  const ids: number[] = []
  const dropped: number[] = []
  let held: number | undefined
  for (const [at, fate] of fates.entries()) {
    const id = at + 1
    if (fate === 'dropped') dropped.push(id)
    if (fate === 'swapped' && held === undefined && at > 0) held = id
    else if (fate !== 'dropped') ids.push(id, ...(fate === 'doubled' ? [id] : []))
    if (held !== undefined && held !== id) {
      ids.push(held)
      held = undefined
    }
  }
  return { ids: held === undefined ? ids : [...ids, held], dropped }
}
