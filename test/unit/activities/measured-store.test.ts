import { createActivityMetrics } from '@backtide/activities/metrics'
import { measureStore } from '@backtide/activities/objects/measured-store'
import type { ObjectStore } from '@backtide/activities/objects/object-store'
import { expect, it } from 'vitest'

async function* pieces() {
  yield new Uint8Array(3)
  yield new Uint8Array(4)
}

const store: ObjectStore = {
  checkAccess: () => Promise.resolve(),
  list: () => Promise.resolve([]),
  open: (key) =>
    Promise.resolve(
      key === 'there'
        ? { state: 'found', etag: 'e', size: 7, body: pieces(), close: () => {} }
        : { state: 'absent' },
    ),
}

it('Bytes of objects that were read are counted by their source, absent ones not', async () => {
  const metrics = createActivityMetrics()
  const measured = measureStore(store, 'archive', metrics)
  expect(await measured.open('gone', {})).toEqual({ state: 'absent' })
  const opened = await measured.open('there', {})
  if (opened.state !== 'found') throw new Error('it is there')
  let bytes = 0
  for await (const piece of opened.body) bytes += piece.length
  expect(bytes).toBe(7)
  const text = await metrics.registry.metrics()
  expect(text).toContain('backtide_fetched_bytes_total{source="archive"} 7')
  expect(text).toContain('backtide_fetch_duration_seconds_count{source="archive"} 1')
})

it('A wait for QuestDB shows while it lasts, and is a time once it has ended', async () => {
  const metrics = createActivityMetrics()
  const done = metrics.waitForApply('l2_book_all')
  const lag = async () =>
    Number(/backtide_apply_lag_seconds{[^}]*} (\S+)/.exec(await metrics.registry.metrics())?.[1])
  const first = await lag()
  expect(first).toBeGreaterThan(0)
  expect(await lag()).toBeGreaterThan(first)
  done()
  expect(await lag()).toBe(0)
  expect(await metrics.registry.metrics()).toContain(
    'backtide_apply_duration_seconds_count{table="l2_book_all"} 1',
  )
})
