import { closeSync, existsSync, mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { limitLog, openLog } from '@backtide/stack/processes/log-file'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { waitUntil } from '../../helpers/wait-until.ts'

let file: string

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'backtide-log-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  file = join(folder, 'worker.log')
})

const text = (name: string) => (existsSync(name) ? readFileSync(name, 'utf8') : undefined)

it('A log is begun anew at each start; the three before it are kept', () => {
  for (const run of ['one', 'two', 'three', 'four', 'five']) {
    const log = openLog(file)
    writeSync(log, run)
    closeSync(log)
  }
  const files = [file, `${file}.1`, `${file}.2`, `${file}.3`, `${file}.4`]
  expect(files.map(text)).toEqual(['five', 'four', 'three', 'two', undefined])
})

it('A log that grows is moved away while its process goes on writing to it', async () => {
  const log = openLog(file)
  const limit = limitLog(file, 10, 5)
  onTestFinished(() => {
    limit.stop()
    closeSync(log)
  })
  writeSync(log, 'a line of more than ten bytes\n')
  await waitUntil('the log to be moved', () => text(file) === '')
  writeSync(log, 'next\n')
  expect(text(file)).toBe('next\n')
  expect(text(`${file}.1`)).toBe('a line of more than ten bytes\n')
})
