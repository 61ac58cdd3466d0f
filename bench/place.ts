import { acquirePrograms } from '@backtide/stack/acquire/programs'
import { startQuestDb, type QuestDbServer } from '@backtide/stack/servers/questdb'
import { startS3, type S3Server } from '@backtide/stack/servers/s3'
import { startTemporal, type TemporalServer } from '@backtide/stack/servers/temporal'
import { createStore, type Store } from '@backtide/store/store'
import { temporaryFolder } from '@backtide/worker/temporary-folder'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ARCHIVE_BUCKET, archiveFolder, createArchive, type Archive } from './input/archive.ts'
import { LAYOUTS } from './layout.ts'

/** Servers of one run, their data on disk, and the archive in them. */
export interface Place {
  readonly folder: string
  readonly temporal: TemporalServer
  readonly questdb: QuestDbServer
  readonly s3: S3Server
  readonly store: Store
  readonly archive: Archive
  /** Environment by which a process finds the servers, and nothing of the user's. */
  readonly env: NodeJS.ProcessEnv
  close(): Promise<void>
}

/**
 * Starts servers on ports the system chooses, with data in a temporary folder that ends with them.
 * @throws StackError when one cannot be had or does not come up
 */
export async function openPlace(): Promise<Place> {
  const programs = await acquirePrograms({ env: process.env })
  const folder = temporaryFolder('bench')
  const data = (name: string) => ({ dataDir: join(folder, name) })
  const [temporal, questdb, s3] = await Promise.all([
    startTemporal({ binary: programs.temporal, ...data('temporal') }),
    startQuestDb({ ...programs.questdb, ...data('questdb'), heapMb: HEAP_MB, settings: SETTINGS }),
    startS3({
      binary: programs.s3,
      ...data('s3'),
      buckets: [ARCHIVE_BUCKET, 'hl-mainnet-node-data'],
    }),
  ])
  const store = createStore({ conf: questdb.clientConf })
  await store.ensureTables(LAYOUTS.map(({ dataset }) => dataset.table))
  const archive = createArchive(archiveFolder(folder), s3)
  const close = async () => {
    archive[Symbol.dispose]()
    await Promise.all([temporal.stop(), questdb.stop(), s3.stop()])
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
  const env = environment(folder, { temporal, questdb, s3 })
  return { folder, temporal, questdb, s3, store, archive, env, close }
}

function environment(
  folder: string,
  { temporal, questdb, s3 }: Pick<Place, 'temporal' | 'questdb' | 's3'>,
): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    // A file that is not there counts as an empty profile.
    TEMPORAL_CONFIG_FILE: join(folder, 'no-profile.toml'),
    QDB_CLIENT_CONF: questdb.clientConf,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    BACKTIDE_LOG_LEVEL: 'warn',
  }
}

/** As in the local stack. */
const HEAP_MB = 512

/** Allows `ALTER TABLE … SUSPEND WAL`, by which sending and applying are timed apart. */
const SETTINGS = { 'dev.mode.enabled': 'true' }
