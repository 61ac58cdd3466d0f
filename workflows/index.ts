export { backfill } from './backfill.ts'
export { loadDay } from './load-day.ts'
