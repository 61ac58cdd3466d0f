// A worker thread starts as JavaScript; it reads our TypeScript through the same loader as the process.
import { register } from 'tsx/esm/api'

register()
const { decodeObject } = await import('./thread.ts')

// oxlint-disable-next-line import/no-default-export -- the pool calls the default export
export default decodeObject
