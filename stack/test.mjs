// `npm test`: installs, gets the servers, runs all tests. Arguments go to vitest.
import { join } from 'node:path'
import { checkNode, install, root, run } from './prepare.mjs'

checkNode()
await install()

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
const node = process.execPath
// Before the tests, where there is a screen to show progress on and no test times out meanwhile.
const acquired = await run([node, '--import', 'tsx', join(root, 'stack', 'acquire-all.ts')])
if (acquired !== 0) process.exit(acquired)

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
process.exit(await run([node, vitest, 'run', ...process.argv.slice(2)], 'inherit'))
