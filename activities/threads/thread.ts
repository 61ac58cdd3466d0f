import { constants, setPriority } from 'node:os'

export { decodeObject } from './decode-object.ts'

/**
 * Decoding gives way to whoever waits for a processor: to the main thread, which has heartbeats and
 * sends to attend to, and to a database on the same machine. On Linux a priority is a thread's own
 * (https://man7.org/linux/man-pages/man2/setpriority.2.html, "C library/kernel differences");
 * elsewhere it would be the whole process's.
 */
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL)
