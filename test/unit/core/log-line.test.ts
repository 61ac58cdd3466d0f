import { readableLine } from '@backtide/core/log-line'
import { expect, it } from 'vitest'

const LINE = {
  level: 'warn',
  time: '2026-11-21T21:14:27.123Z',
  pid: 1,
  hostname: 'h',
  name: 'worker',
  day: '2025-01-01',
  error: { type: 'ApplicationFailure', message: 'S3 is\naway', stack: 'Error: S3 is away\n  at x' },
  msg: 'Activity failed',
}

it('A line of the log on a terminal has time, level, what happened, why, and of what', () => {
  expect(readableLine(JSON.stringify(LINE))).toBe(
    '21:14:27.123 WARN  worker: Activity failed: S3 is away (day=2025-01-01)\n',
  )
})

it('A line about a defect also says where', () => {
  expect(readableLine(JSON.stringify({ ...LINE, level: 'error' }))).toContain('\n  at x\n')
})

it('What is no line of the log stays as it is', () => {
  expect(readableLine('npm warn\n')).toBe('npm warn\n')
})
