import type { AcquireOptions } from './acquire.ts'
import { acquireQuestDb, type QuestDbProgram } from './questdb.ts'
import { acquireTemporal } from './temporal.ts'
import { acquireVersityGw } from './versitygw.ts'

/** The programs of all servers, for `startTemporal`, `startQuestDb` and `startS3`. */
export interface ServerPrograms {
  readonly temporal: string
  readonly questdb: QuestDbProgram
  readonly s3: string
}

/**
 * Gets every server of the local stack, one after the other.
 * @throws StackError that says what to install
 */
export async function acquirePrograms(options: AcquireOptions): Promise<ServerPrograms> {
  const questdb = await acquireQuestDb(options)
  const s3 = await acquireVersityGw(options)
  const temporal = await acquireTemporal(options)
  return { temporal, questdb, s3 }
}
