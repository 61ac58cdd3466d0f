import { commonPrefix, listWanted } from '@backtide/activities/plan/list-wanted'
import type { ListingRequest } from '@backtide/activities/objects/object-store'
import { expect, it } from 'vitest'

const KEYS = [1, 10, 2, 3].flatMap((hour) =>
  ['BTC', 'ETH', 'SOL'].map((coin) => `day/${hour}/${coin}`),
)

/** A bucket that lists two keys a page. */
function openBucket(keys: readonly string[]) {
  const asked: ListingRequest[] = []
  const listPage = async (request: ListingRequest) => {
    asked.push(request)
    const { prefix, after = '' } = request
    const all = keys.toSorted().filter((key) => key.startsWith(prefix) && key > after)
    const objects = all.slice(0, 2).map((key) => ({ key, etag: `e${key}`, size: key.length }))
    return await Promise.resolve({ objects, isLast: all.length <= 2 })
  }
  return { asked, listPage }
}

it('Only what is wanted is given, asked for below what all keys share, from the first to the last', async () => {
  const bucket = openBucket([...KEYS, 'day/0/BTC', 'day/9/BTC', 'other'])
  const found = await listWanted(bucket, ['day/2/BTC', 'day/10/ETH', 'day/1/NONE'], {})
  expect([...(found ?? [])].map(([key]) => key).toSorted()).toEqual(['day/10/ETH', 'day/2/BTC'])
  expect(found?.get('day/2/BTC')).toEqual({ key: 'day/2/BTC', etag: 'eday/2/BTC', size: 9 })
  expect(bucket.asked[0]).toEqual({ prefix: 'day/', after: 'day/1/NON' })
  // Neither what is before the first nor what is behind the last.
  expect(bucket.asked.length).toBeLessThan(4)
})

it('Nothing is asked for nothing, and nothing is known where nobody lists', async () => {
  const bucket = openBucket(KEYS)
  expect(await listWanted(bucket, [], {})).toEqual(new Map())
  expect(bucket.asked).toEqual([])
  expect(await listWanted({}, ['day/1/BTC'], {})).toBeUndefined()
  expect(
    await listWanted({ listPage: () => Promise.resolve(undefined) }, ['day/1/BTC'], {}),
  ).toBeUndefined()
})

it('One key is its own prefix', async () => {
  const found = await listWanted(openBucket(KEYS), ['day/3/SOL'], {})
  expect(found?.size).toBe(1)
  expect(commonPrefix('abc', 'abd')).toBe('ab')
})
