import { fillArchive } from '@backtide/stack/sample/fill'
import { runSampleBackfill } from '@backtide/stack/sample/backfill'
import { sampleObjects } from '@backtide/stack/sample/sample-objects'
import type { LocalStack } from '@backtide/stack/local-stack'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCli, type Run } from '../unit/cli/run-cli.ts'
import { withStack } from '../helpers/with-stack.ts'
import { runSnippet, snippetsOf, wordsOf, type Printed } from '../helpers/snippets.ts'

const RANGE = 'dataset=sample.l2_book&coins=BTC,ETH,kPEPE&from=2025-01-01&to=2025-01-02'

/** The stack comes up twice, and seven programs beside it: minutes on a machine that does more. */
const TWICE = { timeout: 300_000 }

const SNIPPETS = snippetsOf(
  readFileSync(new URL('../../docs/using-the-data.md', import.meta.url), 'utf8'),
)

let dataDir: string
/** What the snippets printed, and the command line, while the stack was up. */
let printed: readonly Printed[] = []
let shown: readonly Run[] = []

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'backtide-test-stack-'))
})

afterAll(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 }))

it('leaves nothing unverified of what was loaded just before it was stopped', TWICE, async () => {
  const loaded = await withStack(dataDir, async ({ addresses, servers }) => {
    if (!servers.localS3) throw new Error('the gateway is not a local one')
    await fillArchive(servers.localS3, sampleObjects())
    return await runSampleBackfill({
      api: addresses.api,
      say: () => {},
      stopping: new AbortController().signal,
    })
  })
  const coverage = await withStack(dataDir, async ({ addresses, servers }) => {
    const answer = await fetch(`${addresses.api}/coverage?${RANGE}`)
    printed = await runSnippets(servers)
    shown = await Promise.all(
      [
        ['datasets'],
        ['show', 'sample.l2_book', '--coins', 'ETH', '--to', '2025-01-01T08:00:01'],
      ].map((args) => runCli(args, { api: addresses.api })),
    )
    return await answer.json()
  })
  expect(loaded?.problem).toBeUndefined()
  expect(loaded?.summary.objects).toMatchObject({ complete: 68 })
  expect(coverage).toMatchObject({ counts: loaded?.summary.objects, unknown: 0 })
  expect(coverage).not.toHaveProperty('counts.unverified')
})

it.for(SNIPPETS.map((snippet, index) => ({ ...snippet, index })))(
  'does what docs/using-the-data.md says: $index, $language',
  ({ output, index }, { skip }) => {
    const result = printed[index] ?? { printed: 'nothing was loaded' }
    if ('skipped' in result) skip(result.skipped)
    else expect(wordsOf(result.printed)).toEqual(wordsOf(output))
  },
)

it('shows its datasets and their last rows, and which of them are not verified', () => {
  const [datasets, show] = shown
  expect(datasets?.stdout).toMatch(/sample\.l2_book[^]*68 complete, .*; 20,256 rows, 2025-01-01T00/)
  expect(show?.stdout).toContain('2025-01-01T07:59:54.871Z')
  expect(show?.stdout).toMatch(
    /10 rows of 2 objects: not all verified: 2025-01-01T08 ETH is corrupt/,
  )
})

async function runSnippets({ questdb, questdbPg }: LocalStack['servers']) {
  const folder = mkdtempSync(join(tmpdir(), 'backtide-test-snippets-'))
  symlinkSync(dataDir, join(folder, '.backtide'))
  const place = { folder, questdb, pgPort: questdbPg?.port ?? 0 }
  const results: Printed[] = []
  // One after the other: some read what others wrote.
  for (const snippet of SNIPPETS) results.push(await runSnippet(snippet, place))
  rmSync(folder, { recursive: true })
  return results
}
