import { join } from 'node:path'
import { bundleDecoder } from './bundle-decoder.ts'
import { bundleWorkflows } from './bundle-workflows.ts'
import { DECODER_FILE, WORKFLOWS_FILE } from './bundles.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('Usage: bundle-main.ts FOLDER')
await bundleWorkflows(join(folder, WORKFLOWS_FILE))
await bundleDecoder(join(folder, DECODER_FILE))
