/** Version of Backtide: of all its processes, which are released together. */
export const VERSION = '0.1.0'
