export { backfill } from './backfill/workflow.ts'
export { loadDay } from './load-day.ts'
export { requestLimit } from './request-limit.ts'
export { syncInstruments } from './sync-instruments.ts'
