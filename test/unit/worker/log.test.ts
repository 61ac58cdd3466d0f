import { ApplicationFailure } from '@temporalio/common'
import { createLog, sdkLogger } from '@backtide/worker/log'
import { expect, it } from 'vitest'

it("The log of a worker has the message of an activity's failure and of its cause, not its type alone", () => {
  const lines: string[] = []
  const log = sdkLogger(createLog('info', { write: (line) => void lines.push(line) }))
  const error = ApplicationFailure.create({
    message: 'the archive does not answer',
    type: 'SourceUnavailable',
    cause: new Error('getaddrinfo ENOTFOUND archive'),
  })
  log.warn('Activity failed', { error, activityType: 'loadPartitions' })
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    msg: 'Activity failed',
    activityType: 'loadPartitions',
    error: {
      type: 'ApplicationFailure',
      message: 'the archive does not answer: getaddrinfo ENOTFOUND archive',
    },
  })
})
