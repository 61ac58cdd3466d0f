export { backfill } from './backfill/workflow.ts'
export { loadDay } from './load-day.ts'
