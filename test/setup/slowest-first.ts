import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take longest, the longest first: a fresh clone has no times of earlier runs. */
const SLOW = [
  'e2e/worker-killed.test.ts',
  'e2e/zombie.test.ts',
  'e2e/chaos.test.ts',
  'e2e/migrations.test.ts',
  'workflows/five-years.test.ts',
  'workflows/continue-as-new.test.ts',
  'e2e/what-is-down.test.ts',
  'workflows/backfill-failures.test.ts',
  'e2e/epochs.test.ts',
  'e2e/servers-killed.test.ts',
  'e2e/stack-restart.test.ts',
]

/** So that no worker waits for the end of a long file when the others are done. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- vitest calls it so; it is no array's
    const others = await super.sort(files.filter((file) => rank(file) === undefined))
    const slow = files.filter((file) => rank(file) !== undefined)
    return [...slow.toSorted((a, b) => (rank(a) ?? 0) - (rank(b) ?? 0)), ...others]
  }
}

function rank({ moduleId }: TestSpecification): number | undefined {
  const index = SLOW.findIndex((name) => moduleId.endsWith(`/test/${name}`))
  return index < 0 ? undefined : index
}
