// Gets every server of the local stack, so that what comes after need not wait for them.
import { acquireQuestDb } from './acquire-questdb.ts'
import { acquireTemporal } from './acquire-temporal.ts'
import { acquireVersityGw } from './acquire-versitygw.ts'
import { sayOnStderr } from './say.ts'
import { StackError } from './stack-error.ts'

try {
  await acquireQuestDb()
  await acquireVersityGw()
  await acquireTemporal()
} catch (error) {
  if (!(error instanceof StackError)) throw error
  sayOnStderr(error.message)
  process.exit(error.exitCode)
}
