import type { ServerPrograms } from '@backtide/stack/acquire/programs'
import type { QuestDbOptions } from '@backtide/stack/servers/questdb'
import type { S3Address } from '@backtide/stack/servers/s3-client'
import { inject } from 'vitest'

/** What the global setup brought up. */
export interface TestServers {
  /** Programs, for tests that need a server of their own. */
  readonly programs: ServerPrograms & { readonly questdb: Pick<QuestDbOptions, 'shortLived'> }
  readonly temporal: string
  /** One per test file, named after it. */
  readonly namespaces: readonly string[]
  /** Those of files that ask for days of their own. */
  readonly withDays: readonly string[]
  readonly questdb: string
  readonly s3: S3Address
  /** Folder of what workers run: `BACKTIDE_BUNDLES`. */
  readonly bundles: string
}

declare module 'vitest' {
  interface ProvidedContext {
    servers: TestServers
  }
}

/** The shared servers, and what of them belongs to a test file. */
export function ownServers(testFile: string): TestServers & OwnShare {
  const servers = inject('servers')
  const namespace = /([^/]+)\.test\.ts$/.exec(testFile)?.[1] ?? ''
  if (!servers.namespaces.includes(namespace)) {
    throw new Error(`${testFile} has no namespace; it is not in test/e2e`)
  }
  return { ...servers, namespace, nextDay: countDays(servers.withDays.indexOf(namespace)) }
}

/** What belongs to one test file alone. */
export interface OwnShare {
  readonly namespace: string
  /** A UTC day, `2023-05-01`, that no other test uses; the tables are shared, the days are not. */
  readonly nextDay: (days?: number) => string
}

const FIRST_DAY = Date.UTC(2023, 5, 1)
const DAYS_PER_FILE = 30
const DAY_MS = 86_400_000

function countDays(file: number): OwnShare['nextDay'] {
  let next = 0
  return (days = 1) => {
    const day = FIRST_DAY + (file * DAYS_PER_FILE + next) * DAY_MS
    // A day between two tests stays free, as the rows of an hour begin in the hour before.
    next += days + 1
    if (next > DAYS_PER_FILE) throw new Error('This test file uses more days than it owns')
    return new Date(day).toISOString().slice(0, 10)
  }
}
