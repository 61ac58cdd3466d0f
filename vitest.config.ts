import { defineConfig } from 'vitest/config'
import { useOwnFolder } from './test/setup/own-folder.ts'
import { SlowestFirst } from './test/setup/slowest-first.ts'

useOwnFolder()

/** Limits for tests on real servers: a busy two-core machine is slow, not wrong. */
const patient = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  pool: 'forks' as const,
  env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
}

// oxlint-disable-next-line import/no-default-export -- vitest wants it
export default defineConfig({
  test: {
    maxWorkers: 2,
    sequence: { sequencer: SlowestFirst },
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          ...patient,
          name: 'workflows',
          include: ['test/workflows/**/*.test.ts'],
          globalSetup: ['test/setup/temporal.ts'],
        },
      },
      {
        test: {
          ...patient,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/setup/servers.ts'],
        },
      },
    ],
  },
})
