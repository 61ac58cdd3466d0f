import { createLease, LeaseLostError, type LeaseOptions } from '@backtide/activities/lease'
import { EventEmitter, once } from 'node:events'
import { describe, expect, it } from 'vitest'

/** A lease whose answers and clocks a test decides. */
function openLease(answers: (() => Promise<void>)[], everyMs = 5) {
  const now = { wall: 0, monotonic: 0 }
  const asked: number[] = []
  const ask: LeaseOptions['ask'] = async () => {
    asked.push(now.monotonic)
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    await answer?.()
  }
  const clock = { wall: () => now.wall, monotonic: () => now.monotonic }
  return { now, asked, lease: createLease({ ask, everyMs, holdsMs: 100, clock }) }
}

const yes = () => Promise.resolve()
const silent = () => Promise.reject(new Error('14 UNAVAILABLE'))
const gone = () => Promise.reject(new LeaseLostError('gone'))

describe('a lease', () => {
  it('is closed until Temporal has answered once', async () => {
    const { lease } = openLease([yes])
    expect(lease.isOpen).toBe(false)
    await lease.wait()
    expect(lease.isOpen).toBe(true)
    lease.close()
  })

  it('lapses by the monotonic clock, as of a process that was frozen', async () => {
    const { lease, now } = openLease([yes, silent], 1_000_000)
    await lease.wait()
    now.monotonic = 100
    expect(lease.isOpen).toBe(false)
    lease.close()
  })

  it('lapses by the wall clock, as of a machine that slept', async () => {
    const { lease, now } = openLease([yes, silent], 1_000_000)
    await lease.wait()
    now.wall = 100
    expect(lease.isOpen).toBe(false)
    lease.close()
  })

  it('counts from when the answered question was asked, not from the answer', async () => {
    const answers = new EventEmitter()
    const slow = () => once(answers, 'yes').then(() => {})
    const { lease, now } = openLease([slow], 1_000_000)
    now.monotonic = 99
    const held = lease.wait()
    answers.emit('yes')
    await held
    expect(lease.isOpen).toBe(true)
    now.monotonic = 100
    expect(lease.isOpen).toBe(false)
    lease.close()
  })

  it('that lapsed opens again when Temporal says that this attempt is still the one', async () => {
    const { lease, now } = openLease([yes, silent, silent, yes])
    await lease.wait()
    now.monotonic = 500
    expect(lease.isOpen).toBe(false)
    await lease.wait()
    expect(lease.isOpen).toBe(true)
    lease.close()
  })

  it('is lost for good when Temporal knows the attempt no more, whatever it says later', async () => {
    const { lease } = openLease([gone, yes])
    await expect(lease.wait()).rejects.toThrow(LeaseLostError)
    expect(lease.signal.aborted).toBe(true)
    await expect(lease.wait()).rejects.toThrow(LeaseLostError)
    expect(lease.isOpen).toBe(false)
  })

  it('refuses whoever waits when it is closed', async () => {
    const { lease } = openLease([silent])
    const waiting = lease.wait()
    lease.close()
    await expect(waiting).rejects.toThrow(LeaseLostError)
  })
})
