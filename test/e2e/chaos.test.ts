import { describe, expect, it } from 'vitest'
import { runChaos } from '../chaos/run.ts'
import { ownServers } from '../helpers/servers.ts'

/** A day on which it fails is told by the lines it prints: the seed, and all that happened. */
const SEED = 8
const STORM_MS = 60_000

const { programs } = ownServers(import.meta.filename)

describe('a minute of chaos', () => {
  it(
    `leaves exactly the rows and states that the archive says (seed ${SEED})`,
    { timeout: 150_000 },
    async () => {
      const lines: string[] = []
      const say = (line: string) => void lines.push(line)
      const { signal } = new AbortController()
      const run = runChaos({ seed: SEED, stormMs: STORM_MS, programs, say, signal })
      const summary = await run.catch((error: unknown) => {
        throw new Error(lines.join('\n'), { cause: error })
      })
      expect(summary, lines.join('\n')).toMatchObject({ seed: SEED, wrongRows: 0, wrongStates: 0 })
      expect(summary.kills).toBeGreaterThan(0)
      expect(summary.rows).toBeGreaterThan(0)
    },
  )
})
