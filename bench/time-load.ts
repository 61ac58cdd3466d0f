import type { Input } from './input/archive.ts'
import type { Layout } from './layout.ts'
import type { Place } from './place.ts'
import { expectRows, forgetAll, untilApplied } from './tables.ts'

/**
 * Seconds from an empty table until all rows of an input are applied.
 * @throws Error when the table then holds other than exactly those rows
 */
export async function timeLoad(
  { store }: Place,
  { dataset: { table }, rowsPerBook }: Layout,
  { books }: Input,
  load: () => Promise<void>,
): Promise<number> {
  await forgetAll(store)
  const start = performance.now()
  await load()
  await untilApplied(store, table.name)
  const seconds = (performance.now() - start) / 1000
  await expectRows(store, table.name, books * rowsPerBook)
  return seconds
}
