import { createRequire } from 'node:module'
import { build } from 'esbuild'

const require = createRequire(import.meta.url)

/**
 * Bundles the body of a decoding thread into one CommonJS file. A thread that read our TypeScript
 * itself would hold a compiler, some 40 MB each.
 */
export async function bundleDecoder(path: string): Promise<void> {
  await build({
    entryPoints: [require.resolve('@backtide/activities/threads/thread')],
    outfile: path,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // A native add-on stays where it is; the file lies elsewhere and has to look for it from here.
    external: ['lz4-napi'],
    banner: {
      js: `require = require('node:module').createRequire(${JSON.stringify(datasets())});`,
    },
    footer: { js: 'module.exports = module.exports.decodeObject' },
    logLevel: 'warning',
  })
}

/** A file of the package that imports the add-on. */
function datasets(): string {
  return require.resolve('@backtide/datasets/object-decoder')
}
