import type { Layout } from './layout.ts'

/** What measuring one subject gave: tables for people, numbers for programs. */
export interface Finding {
  readonly sections: readonly Section[]
  readonly summary: Partial<Summary>
}

/** One table. */
export interface Section {
  readonly title: string
  readonly lines: readonly Line[]
}

/** One measured thing: a value per run. */
export interface Line {
  readonly name: string
  readonly unit: string
  readonly values: readonly number[]
}

/** The numbers of `--json`; a number is null where its subject was not measured. */
export interface Summary {
  readonly lateDayPeakMB: number
  readonly lateDayRewritten: number
  readonly arrays: Ratios
  readonly rows: Ratios
  /** Largest resident memory of a worker process, MB of 1,048,576 bytes. */
  readonly workerPeakMB: number
  readonly loopDelayP99Ms: number
  /** Milliseconds from request to verified, by partition. */
  readonly partitionMs: number
  /** Seconds of a month of minutes of 20 coins, and how much faster that is than the naive way. */
  readonly klinesSeconds: number
  readonly klinesVsNaive: number
  /** Seconds of a million trades in ten files, and how much faster that is than the naive way. */
  readonly tradesSeconds: number
  readonly tradesVsNaive: number
  /** Seconds of the load path for an hour of fills, and how much faster that is than the naive way. */
  readonly fillsSeconds: number
  readonly fillsVsNaive: number
  /** The same for a day of contexts. */
  readonly contextsSeconds: number
  readonly contextsVsNaive: number
  /** Rows written to disk by row sent: the larger of ascending and newest-first. */
  readonly writeAmplification: number
  /** Milliseconds of the slowest: coverage of a year by day, gaps of a year, over 1.5 million objects. */
  readonly coverageMs: number
  readonly gapsMs: number
}

/** Medians over the runs of ratios taken within a run. */
export interface Ratios {
  readonly loadVsNaive?: number
  readonly loadVsCeiling?: number
  readonly loadVsRust?: number
  readonly durableVsLoad?: number
}

/** Ratios of one layout as a summary. */
export function ratiosOf(layout: Layout, ratios: Ratios): Partial<Summary> {
  return layout.name === 'arrays' ? { arrays: ratios } : { rows: ratios }
}

/** One summary out of several; of memory and delays the worst counts. */
export function summarise(parts: readonly Partial<Summary>[]) {
  const worst = (name: 'workerPeakMB' | 'loopDelayP99Ms') => {
    const values = parts.flatMap((part) => part[name] ?? [])
    return values.length > 0 ? Math.max(...values) : null
  }
  const only = (
    name:
      | 'partitionMs'
      | 'klinesSeconds'
      | 'klinesVsNaive'
      | 'tradesSeconds'
      | 'tradesVsNaive'
      | 'fillsSeconds'
      | 'contextsSeconds'
      | 'contextsVsNaive'
      | 'fillsVsNaive'
      | 'writeAmplification'
      | 'coverageMs'
      | 'gapsMs',
  ) => parts.find((part) => part[name] !== undefined)?.[name] ?? null
  const ratios = (name: Layout['name']) =>
    Object.assign({ ...UNMEASURED }, ...parts.map((part) => part[name])) as Ratios
  return {
    arrays: ratios('arrays'),
    rows: ratios('rows'),
    workerPeakMB: worst('workerPeakMB'),
    loopDelayP99Ms: worst('loopDelayP99Ms'),
    partitionMs: only('partitionMs'),
    klinesSeconds: only('klinesSeconds'),
    klinesVsNaive: only('klinesVsNaive'),
    tradesSeconds: only('tradesSeconds'),
    tradesVsNaive: only('tradesVsNaive'),
    fillsSeconds: only('fillsSeconds'),
    contextsSeconds: only('contextsSeconds'),
    contextsVsNaive: only('contextsVsNaive'),
    fillsVsNaive: only('fillsVsNaive'),
    writeAmplification: only('writeAmplification'),
    coverageMs: only('coverageMs'),
    gapsMs: only('gapsMs'),
  }
}

const UNMEASURED = { loadVsNaive: null, loadVsCeiling: null, loadVsRust: null, durableVsLoad: null }
