import { QUICK } from '../../helpers/backtide.ts'

/** Short control activities do not heartbeat: when their worker is killed this is how long it takes to see. */
export const TEMPO = { ...QUICK, controlTimeout: 5_000 }
