import { bundleWorkflows } from './bundle-workflows.ts'

const [path] = process.argv.slice(2)
if (path === undefined) throw new Error('Usage: bundle-main.ts FILE')
await bundleWorkflows(path)
