import { retryAfterMs } from '@backtide/core/retry-after'
import { expect, it } from 'vitest'

const NOW = Date.UTC(2026, 0, 1)

it.each([
  ['seconds', '120', 120_000],
  ['no wait', '0', 0],
  ['a date', 'Thu, 01 Jan 2026 00:00:07 GMT', 7_000],
  ['a date that is over', 'Wed, 31 Dec 2025 23:00:00 GMT', 0],
  ['something else', 'soon', undefined],
  ['no header', null, undefined],
])('reads %s', (_, header, ms) => {
  expect(retryAfterMs(header, NOW)).toBe(ms)
})
