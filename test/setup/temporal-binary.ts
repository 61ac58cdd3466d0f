import { acquireTemporal } from '@backtide/stack/acquire/temporal'

/** Finds the Temporal server once for all tests of workflows; each test file runs its own. */
export async function setup(): Promise<void> {
  process.env.BACKTIDE_TEST_TEMPORAL ??= await acquireTemporal({ env: process.env })
}
