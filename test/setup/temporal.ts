import { acquireTemporal } from '@backtide/stack/acquire/temporal'
import { buildBundles } from '@backtide/worker/bundles'

/** Finds the Temporal server and bundles the workflows, once for all tests of workflows. */
export async function setup(): Promise<() => Promise<void>> {
  process.env.BACKTIDE_TEST_TEMPORAL ??= await acquireTemporal({ env: process.env })
  const bundles = await buildBundles()
  process.env.BACKTIDE_TEST_WORKFLOWS = bundles.workflows
  return bundles.remove
}
