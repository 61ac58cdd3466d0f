// `npm test`: installs, gets the servers, runs all tests. Arguments go to vitest.
import { join } from 'node:path'
import { checkNode, install, root, run } from './prepare.mjs'

checkNode()
await install(['--include=dev'])

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
await acquireServers()
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
process.exit(await run([process.execPath, vitest, 'run', ...process.argv.slice(2)], 'inherit'))

/** Before the tests, where there is a screen to show progress on and no test times out meanwhile. */
async function acquireServers() {
  const { register } = await import('tsx/esm/api')
  register()
  const { acquirePrograms } = await import('../stack/acquire/programs.ts')
  try {
    await acquirePrograms({ env: process.env })
  } catch (error) {
    if (error.name !== 'StackError') throw error
    console.error(error.message)
    process.exit(error.exitCode)
  }
}
