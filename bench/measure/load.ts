import { bodiesOf, sendBodies } from '../ceiling.ts'
import { ratiosOf, type Finding } from '../finding.ts'
import { firstHours, type Input } from '../input/archive.ts'
import type { Layout } from '../layout.ts'
import { openLoadPath } from '../load-path.ts'
import { loadNaively } from '../naive.ts'
import type { Options } from '../options.ts'
import type { Place } from '../place.ts'
import { openRustPeer } from '../rust-peer.ts'
import { interleave, median, ratio } from '../series.ts'
import { timeLoad } from '../time-load.ts'
import { MAIN_INPUT } from './inputs.ts'

/**
 * Backtide's load path from local S3 against the naive pipeline and against what the server takes
 * when bodies are there already; each until all rows are applied.
 */
export async function measureLoad(
  place: Place,
  options: Options,
  layout: Layout,
): Promise<Finding> {
  const input = await place.archive.fill(MAIN_INPUT(options))
  const path = openLoadPath(place)
  try {
    const { dataset } = layout
    const { clientConf } = place.questdb
    const short = firstHours(input, NAIVE_HOURS[layout.name])
    const warmUp = firstHours(input, 1)
    const bodies = await bodiesOf(path, dataset, input)
    const rate = async (part: Input, load: () => Promise<void>) =>
      (part.books * layout.rowsPerBook) / (await timeLoad(place, layout, part, load))
    await rate(warmUp, () => loadNaively(clientConf, layout, warmUp))
    await rate(warmUp, () => path.load(dataset, warmUp))
    const rates = await interleave(options.runs, {
      naive: () => rate(short, () => loadNaively(clientConf, layout, short)),
      ceiling2: () => rate(input, () => sendBodies(clientConf, bodies, 2)),
      ceiling4: () => rate(input, () => sendBodies(clientConf, bodies, 4)),
      rust: options.rust === undefined ? unknown : openRustPeer(options.rust, place, input, layout),
      backtide: () => rate(input, () => path.load(dataset, input)),
    })
    return findingOf(layout, input, rates)
  } finally {
    await path.close()
  }
}

/** Of what is not there. */
const unknown = () => Promise.resolve(Number.NaN)

type Contestant = 'naive' | 'ceiling2' | 'ceiling4' | 'rust' | 'backtide'

function findingOf(
  layout: Layout,
  { books, bytes, objects }: Input,
  rates: Readonly<Record<Contestant, readonly number[]>>,
): Finding {
  const { naive, ceiling2, ceiling4, rust, backtide } = rates
  const ceiling = ceiling2.map((value, run) => Math.max(value, ceiling4[run] ?? 0))
  const vsNaive = ratio(backtide, naive)
  const vsCeiling = ratio(backtide, ceiling)
  const vsRust = ratio(backtide, rust)
  const { unit } = layout
  const title = `Load path, ${layout.name}: ${objects.length} hours, ${books} books, ${Math.round(bytes / 1e6)} MB`
  const lines = [
    { name: 'naive pipeline', unit, values: naive },
    { name: 'server, 2 connections', unit, values: ceiling2 },
    { name: 'server, 4 connections', unit, values: ceiling4 },
    { name: 'Backtide, load path', unit, values: backtide },
    { name: 'Backtide ÷ naive', unit: '×', values: vsNaive },
    { name: 'Backtide ÷ server', unit: '×', values: vsCeiling },
    { name: 'Rust', unit, values: rust },
    { name: 'Backtide ÷ Rust', unit: '×', values: vsRust },
  ].filter(({ values }) => !values.some(Number.isNaN))
  const measured = { loadVsNaive: median(vsNaive), loadVsCeiling: median(vsCeiling) }
  const loadVsRust = median(vsRust)
  const summary = Number.isNaN(loadVsRust) ? measured : { ...measured, loadVsRust }
  return { sections: [{ title, lines }], summary: ratiosOf(layout, summary) }
}

/** The naive pipeline is slow; its rate does not depend on the length: docs/performance.md. */
const NAIVE_HOURS = { arrays: 8, rows: 4 } as const
