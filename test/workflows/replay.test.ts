import { beforeAll, describe, expect, it } from 'vitest'
import { Worker } from '@temporalio/worker'
import type { WorkflowBundleOption } from '@temporalio/worker'
import { readFile } from 'node:fs/promises'
import { historyFile, STORED_SHAPES, toHistory } from './stored-history.ts'
import type { StoredHistory, StoredShape } from './stored-history.ts'
import { bundleWorkflows } from './temporal-environment.ts'

let workflowBundle: WorkflowBundleOption
beforeAll(async () => {
  workflowBundle = await bundleWorkflows()
}, 60_000)

describe('the stored histories', { timeout: 60_000 }, () => {
  it.each(STORED_SHAPES)('of a %s backfill replay, its days included', async (shape) => {
    const histories = await readHistories(shape)
    const ids = histories.map(({ workflowId }) => workflowId)
    expect(ids.some((id) => id.startsWith('backfill-'))).toBe(true)
    expect(ids.some((id) => id.startsWith('load/'))).toBe(true)
    const runs = histories.map(({ workflowId, history }) => ({
      workflowId,
      history: toHistory(history),
    }))
    const errors: unknown[] = []
    for await (const { error } of Worker.runReplayHistories({ workflowBundle }, runs)) {
      errors.push(error)
    }
    expect(errors).toEqual(histories.map(() => undefined))
  })

  it('would not replay had the workflow taken another path', async () => {
    const [parent] = await readHistories('happy')
    const text = JSON.stringify(parent?.history).replaceAll('"planDays"', '"planHours"')
    const changed = JSON.parse(text) as StoredHistory['history']
    await expect(
      Worker.runReplayHistory({ workflowBundle }, toHistory(changed), parent?.workflowId),
    ).rejects.toThrow(/nondeterminism/i)
  })
})

async function readHistories(shape: StoredShape): Promise<readonly StoredHistory[]> {
  return JSON.parse(await readFile(historyFile(shape), 'utf8')) as readonly StoredHistory[]
}
