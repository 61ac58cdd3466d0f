import { backOff, takeTurn, type Bucket } from '@backtide/core/request-limit'
import fc from 'fast-check'
import { expect, it } from 'vitest'

const PER_MINUTE = 1_200

/** When requests of some weights are sent, asked for at once or later. */
function sendAll(turns: readonly (readonly [gapMs: number, weight: number])[]) {
  let bucket: Bucket | undefined
  let now = 1_000_000
  return turns.map(([gapMs, weight]) => {
    now += gapMs
    const taken = takeTurn(bucket, { weight, weightPerMinute: PER_MINUTE }, now)
    bucket = taken.bucket
    return { at: now + taken.waitMs, weight }
  })
}

it('sends the first burst at once and then as fast as the limit comes back', () => {
  const sent = sendAll(Array.from({ length: 30 }, () => [0, 20]))
  expect(sent.filter(({ at }) => at === 1_000_000)).toHaveLength(10)
  expect(sent.at(-1)?.at).toBe(1_000_000 + 24_000)
})

it('never lets more weight into any minute than the limit, whoever asks when', () => {
  const turn = fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1, max: 200 }))
  fc.assert(
    fc.property(fc.array(turn, { minLength: 1, maxLength: 200 }), (turns) => {
      const sent = sendAll(turns)
      for (const { at: end } of sent) {
        const inside = sent.filter(({ at }) => at > end - 60_000 && at <= end)
        const weight = inside.reduce((sum, each) => sum + each.weight, 0)
        expect(weight).toBeLessThanOrEqual(PER_MINUTE)
      }
    }),
  )
})

it('gives nobody a turn while the venue wants to be left alone', () => {
  const bucket = backOff(undefined, { weightPerMinute: PER_MINUTE }, 30_000, 5_000)
  const { waitMs } = takeTurn(bucket, { weight: 20, weightPerMinute: PER_MINUTE }, 6_000)
  expect(waitMs).toBeGreaterThanOrEqual(29_000)
})

it('does not forget what it promised when it is left alone once more', () => {
  const limit = { weightPerMinute: PER_MINUTE }
  let bucket: Bucket | undefined
  for (let at = 0; at < 60; at++) bucket = takeTurn(bucket, { weight: 100, ...limit }, 0).bucket
  const before = takeTurn(bucket, { weight: 0, ...limit }, 0).waitMs
  expect(takeTurn(backOff(bucket, limit, 1_000, 0), { weight: 0, ...limit }, 0).waitMs).toBe(before)
})

it('stays where it is when clocks are set back', () => {
  const limit = { weight: 1_000, weightPerMinute: PER_MINUTE }
  const { bucket } = takeTurn(undefined, limit, 60_000)
  expect(takeTurn(bucket, limit, 0).waitMs).toBeGreaterThan(takeTurn(undefined, limit, 0).waitMs)
})
