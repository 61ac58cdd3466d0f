import { EventEmitter, once } from 'node:events'
import { sayIfSlow } from '@backtide/stack/say'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

const stopping = new EventEmitter()

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('what is over soon is not spoken of; what takes long is, again and again, until it is over', async () => {
  const said: string[] = []
  const say = (line: string) => void said.push(line)
  await sayIfSlow(say, 'the API to end', Promise.resolve())
  expect(said).toEqual([])

  const ended = once(stopping, 'ended')
  const work = sayIfSlow(say, 'the worker to end', ended)
  vi.advanceTimersByTime(7_000)
  stopping.emit('ended')
  await work
  vi.advanceTimersByTime(7_000)
  expect(said).toEqual([
    'Waiting for the worker to end … 3 s',
    'Waiting for the worker to end … 6 s',
  ])
})
