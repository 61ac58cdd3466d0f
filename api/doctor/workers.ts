import { compareClocks, type Finding } from '@backtide/core/finding'
import { VERSION } from '@backtide/core/version'
import { askWorkers } from '../backfills/workers.ts'
import type { Deps } from '../deps.ts'

const START =
  'npm start, or backtide up; elsewhere start a worker with the same Temporal and QuestDB'

/** Who works, and what one of them finds where it is: its sources, disk and open files. */
export async function examineWorkers(deps: Deps): Promise<readonly Finding[]> {
  const { count, control, warnings } = await askWorkers(deps)
  const missing = warnings.map((detail): Finding => ({
    check: 'workers',
    state: 'down',
    detail,
    fix: START,
  }))
  if (!control) {
    const detail = 'only a worker can look at them, and none answers'
    return [...missing, { check: 'sources', state: 'unknown', detail }]
  }
  const here: Finding[] =
    missing.length > 0 ? missing : [{ check: 'workers', state: 'ok', detail: `${count} alive` }]
  const { findings, ...clocks } = await deps.runs.examineWorker()
  const clock = compareClocks('clock of Temporal', clocks)
  if (findings) return [...here, clock, ...findings.map(compareVersion)]
  const detail = 'no worker looked at them in time: all are busy, or of an earlier version'
  return [...here, clock, { check: 'sources', state: 'unknown', detail }]
}

/** A worker and an API of two versions may not understand one another. */
function compareVersion(finding: Finding): Finding {
  const isOther = finding.check === 'version' && !finding.detail.startsWith(`Backtide ${VERSION},`)
  if (!isOther) return finding
  const fix = 'run API and workers of one version'
  return { ...finding, state: 'warning', detail: `${finding.detail}; the API is ${VERSION}`, fix }
}
