import { formatInstant } from '@backtide/core/range'
import type { Input } from './input/archive.ts'
import type { Layout } from './layout.ts'

/** Body of `POST /backfills` for an input. */
export function requestFor(
  { dataset }: Layout,
  { coins, range }: Input,
  order = 'oldest-first',
): object {
  const [from, to] = [formatInstant(range.from), formatInstant(range.to)]
  return { dataset: dataset.id, coins, from, to, order }
}
