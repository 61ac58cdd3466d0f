import { once } from 'node:events'
import { createFlowControl, type FlowControl } from '@backtide/activities/flow/flow-control'
import { describe, expect, it } from 'vitest'

const never = new AbortController().signal

/** Starts a body that ends when told. */
function start(flow: FlowControl, signal = never) {
  const ended = new AbortController()
  const body = async () => {
    if (!ended.signal.aborted) await once(ended.signal, 'abort')
  }
  return { done: flow.run(body, signal), end: () => ended.abort() }
}

/** Lets everything that can go on go on. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

describe('flow control', () => {
  it('never runs more bodies than its limit, and starts them in the order asked', async () => {
    const flow = createFlowControl({ maximum: 2 })
    const bodies = [start(flow), start(flow), start(flow)]
    await settle()
    expect(flow.state).toMatchObject({ running: 2, waiting: 1 })
    bodies[0]?.end()
    await bodies[0]?.done
    await settle()
    expect(flow.state).toMatchObject({ running: 2, waiting: 0 })
    for (const body of bodies) body.end()
    await Promise.all(bodies.map(({ done }) => done))
    expect(flow.state.running).toBe(0)
  })

  it('halves its limit on overload, once per overload, and never below one', () => {
    let now = 0
    const flow = createFlowControl({ maximum: 8, now: () => now })
    flow.backOff('throttled')
    flow.backOff('throttled')
    expect(flow.state).toMatchObject({ limit: 4, backOffs: { throttled: 1 } })
    for (const _ of [1, 2, 3, 4]) {
      now += 10_000
      flow.backOff('lagging')
    }
    expect(flow.state).toMatchObject({ limit: 1, backOffs: { throttled: 1, lagging: 4 } })
  })

  it('climbs back to its maximum while bodies end in peace', async () => {
    let now = 0
    const flow = createFlowControl({ maximum: 4, now: () => now })
    flow.backOff('lagging')
    expect(flow.state.limit).toBe(2)
    now += 10_000
    for (let round = 0; round < 12; round++) await flow.run(async () => {}, never)
    expect(flow.state.limit).toBe(4)
  })

  it('does not climb by bodies that began before the overload', async () => {
    let now = 0
    const flow = createFlowControl({ maximum: 4, now: () => now })
    const bodies = [start(flow), start(flow), start(flow), start(flow)]
    await settle()
    now += 1
    flow.backOff('lagging')
    for (const body of bodies) body.end()
    await Promise.all(bodies.map(({ done }) => done))
    expect(flow.state.limit).toBe(2)
  })

  it('lets go of a body that is aborted while it waits', async () => {
    const flow = createFlowControl({ maximum: 1 })
    const first = start(flow)
    const abort = new AbortController()
    const second = start(flow, abort.signal)
    await settle()
    abort.abort(new Error('cancelled'))
    await expect(second.done).rejects.toThrow('cancelled')
    expect(flow.state).toMatchObject({ running: 1, waiting: 0 })
    first.end()
    await first.done
  })
})
