import { commonPrefix, findReplaced } from '@backtide/activities/follow/find-replaced'
import { findWork, hasAppeared, newestDays } from '@backtide/activities/follow/find-work'
import type { ListingRequest } from '@backtide/activities/objects/object-store'
import { DAY_MS, HOUR_MS } from '@backtide/core/range'
import type { ObjectState } from '@backtide/core/state'
import type { Dataset } from '@backtide/datasets/dataset'
import type { PartitionStanding } from '@backtide/store/ledger/partition-standing'
import { describe, expect, it } from 'vitest'

const DAY = Date.UTC(2025, 0, 10)
const hour = (number: number) => DAY + number * HOUR_MS
const settled = (partition: number, more: Partial<PartitionStanding> = {}) => ({
  partition,
  objects: 2,
  due: 0,
  seenAt: DAY,
  ...more,
})

function work(known: readonly PartitionStanding[], { from = hour(0), to = hour(4) } = {}) {
  const recentFrom = DAY - DAY_MS
  return findWork({
    range: { from, to },
    granularity: 'hour',
    recentFrom,
    objectsAt: () => 2,
    known,
  })
}

describe('What a turn has to do', () => {
  const whole = [0, 1, 2, 3].map((number) => settled(hour(number)))

  it('is nothing where all is settled', () => {
    expect(work(whole)).toEqual({})
  })

  it('is what has no row, not all of its rows, or something that is due: from the first to the last', () => {
    expect(work(whole.slice(0, 3))).toEqual({ newest: { from: hour(3), to: hour(4) } })
    expect(work(whole.with(1, settled(hour(1), { objects: 1 })))).toEqual({
      newest: { from: hour(1), to: hour(2) },
    })
    const due = whole.with(0, settled(hour(0), { due: 1 })).slice(0, 3)
    expect(work(due)).toEqual({ newest: { from: hour(0), to: hour(4) } })
  })

  it('is apart for what is older than the recent days', () => {
    const from = DAY - 3 * DAY_MS
    const known = [...whole, settled(from), settled(from + 2 * HOUR_MS)]
    expect(work(known, { from })).toEqual({
      newest: { from: DAY - DAY_MS, to: DAY },
      gaps: { from: from + HOUR_MS, to: DAY - DAY_MS },
    })
  })

  it('is a look for what is missing in the newest days in a row where its neighbours came', () => {
    const missing = (at: number) => settled(at, { missedAt: DAY, seenAt: DAY + 2 * HOUR_MS })
    const days = [0, 5, 6].map((number) => DAY + number * DAY_MS + HOUR_MS)
    const range = { from: DAY, to: DAY + 7 * DAY_MS }
    expect(work(days.map(missing), range).missing).toEqual({
      from: DAY + 5 * DAY_MS,
      to: DAY + 7 * DAY_MS,
    })
  })
})

describe('Something missing', () => {
  const missed = { partition: hour(5), objects: 2, due: 0, missedAt: hour(10) }
  const seen = (seenAt: number) => ({ partition: hour(6), objects: 2, due: 0, seenAt })

  it('may have come when another object of its hour or of the next was seen an hour later', () => {
    expect(hasAppeared({ ...missed, seenAt: hour(11) }, undefined)).toBe(true)
    expect(hasAppeared(missed, seen(hour(12)))).toBe(true)
  })

  it('has not when they were seen before or about the same time, or nothing was', () => {
    expect(hasAppeared({ ...missed, seenAt: hour(10) + 60_000 }, seen(hour(9)))).toBe(false)
    expect(hasAppeared(missed, undefined)).toBe(false)
    expect(hasAppeared(seen(hour(12)), seen(hour(20)))).toBe(false)
  })
})

it('days in a row are cut to the range', () => {
  const range = { from: DAY + HOUR_MS, to: DAY + 2 * DAY_MS }
  expect(newestDays([DAY + HOUR_MS, DAY + DAY_MS], range)).toEqual(range)
  expect(newestDays([], range)).toBeUndefined()
})

/** An archive that lists what it has, by key its ETag, a page at a time. */
const archive = (objects: Readonly<Record<string, string>>, pageSize = 1_000) => {
  const asked: string[] = []
  return {
    asked,
    listPage: async ({ prefix, after = '' }: ListingRequest) => {
      asked.push(prefix)
      const found = Object.entries(objects)
        .map(([key, etag]) => ({ key, etag, size: 1 }))
        .filter(({ key }) => key.startsWith(prefix) && key > after)
        .toSorted((a, b) => (a.key < b.key ? -1 : 1))
      return { objects: found.slice(0, pageSize), isLast: found.length <= pageSize }
    },
  }
}

describe('What the archive replaced', () => {
  const dataset = {
    granularity: 'hour',
    source: { objects: (start: number, series: string) => [`data/${start}/${series}.lz4`] },
  } as unknown as Dataset
  const standing = (number: number, series: string, state: ObjectState, etag: string) => ({
    partition: hour(number),
    object: `data/${hour(number)}/${series}.lz4`,
    state,
    etag,
    backfillId: 'b',
    decoderVersion: 1,
    checkedAt: DAY,
  })
  const asked = {
    dataset,
    symbols: ['BTC', 'ETH'],
    range: { from: hour(0), to: hour(4) },
    known: [
      standing(0, 'BTC', 'complete', 'a'),
      standing(0, 'ETH', 'complete', 'a'),
      standing(1, 'BTC', 'complete', 'a'),
      standing(1, 'ETH', 'missing', ''),
      standing(2, 'BTC', 'pending', ''),
      standing(3, 'BTC', 'failed', ''),
    ],
  }
  const key = (number: number, series: string) => `data/${hour(number)}/${series}.lz4`

  it('is where an ETag differs, and where something came that was not there', async () => {
    const same = { [key(0, 'BTC')]: 'a', [key(0, 'ETH')]: 'a', [key(1, 'BTC')]: 'a' }
    expect(await findReplaced(archive(same), asked, {})).toEqual([])
    const objects = { ...same, [key(0, 'ETH')]: 'b', [key(1, 'ETH')]: 'c', [key(2, 'BTC')]: 'd' }
    const listing = archive(objects)
    expect(await findReplaced(listing, asked, {})).toEqual([hour(0), hour(1), hour(2)])
    expect(listing.asked.toSorted()).toEqual([0, 1, 2, 3].map((one) => `data/${hour(one)}/`))
  })

  it('is found page by page, and nowhere in an archive that does not list', async () => {
    const objects = { [key(0, 'BTC')]: 'a', [key(0, 'DOGE')]: 'x', [key(0, 'ETH')]: 'b' }
    expect(await findReplaced(archive(objects, 1), asked, {})).toEqual([hour(0)])
    expect(await findReplaced({}, asked, {})).toEqual([])
    const forbidden = { listPage: async () => undefined }
    expect(await findReplaced(forbidden, asked, {})).toEqual([])
  })

  it('is listed by what all keys begin with', () => {
    expect(commonPrefix(['a/1/BTC', 'a/1/ETH'])).toBe('a/1/')
    expect(commonPrefix(['a/1/BTC'])).toBe('a/1/BTC')
  })
})
