import type { Backfill } from '@backtide/cli/answers'
import { describeFinal, describeGaps } from '@backtide/cli/show/gaps'
import { describe, expect, it } from 'vitest'
import { backfill, createFakeApi } from './fake-api.ts'
import { runCli, serveApp } from './run-cli.ts'

const ENDED = backfill({
  state: 'incomplete',
  endedAt: '2026-11-21T12:01:00Z',
  counts: { failed: 2, complete: 18, missing: 4 },
  remaining: 0,
}) as Backfill

const LOOK_AGAIN =
  '4 missing: the archive did not have them; look again with: backtide backfill test.hourly ' +
  '--coins BTC --from 2025-01-01T00:00:00Z --to 2025-01-02T00:00:00Z --reprocess missing'

describe('The gaps of a backfill', () => {
  it('are told with their reason and the command that can change them', () => {
    expect(describeGaps(ENDED)).toEqual([
      LOOK_AGAIN,
      '2 failed: they were given up; load again with: backtide retry test.1',
    ])
  })

  it('are looked at again with --yes where a backfill is as large as to need it', () => {
    const [line] = describeGaps({ ...ENDED, total: 1_489_200 })
    expect(line).toBe(`${LOOK_AGAIN} --yes`)
  })

  it('that a retry leaves alone are told with the retry', () => {
    expect(describeFinal(ENDED)).toEqual([LOOK_AGAIN])
  })

  it('are told by status on stderr, and counted in the order of the states', async () => {
    await using api = await serveApp(createFakeApi([ENDED]).app)
    const run = await runCli(['status', 'test.1'], { api: api.address })
    expect(run.stdout).toContain('18 complete, 4 missing, 2 failed')
    expect(run.stderr).toContain(LOOK_AGAIN)
  })
})
