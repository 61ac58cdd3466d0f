import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

interface Package {
  readonly integrity?: string
  readonly resolved?: string
  readonly link?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const { packages }: { readonly packages: Readonly<Record<string, Package>> } = JSON.parse(
  readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8'),
)

// npm ci refuses a lockfile that lacks one of them, and npm leaves those out that are not for the system it
// runs on when node_modules is there: https://github.com/npm/cli/issues/4828. What mends it: move
// node_modules and package-lock.json away and run `npm install --package-lock-only`. If one is still
// missing, it was not published yet: take the version before.
it('has the binaries of every system, so that npm ci installs a clone anywhere', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => find(path, name)?.integrity === undefined),
  )
  expect(missing).toEqual([])
})

it('has a checksum of every package, and names no registry', () => {
  const downloads = Object.entries(packages).filter(
    ([path, { link }]) => path.includes('node_modules/') && !link,
  )
  expect(downloads.length).toBeGreaterThan(200)
  const odd = downloads.filter(([, { integrity, resolved }]) => !integrity || resolved)
  expect(odd).toEqual([])
})

/** The package that one at a path gets by this name: its own, or one of a folder above it. */
function find(path: string, name: string): Package | undefined {
  const own = packages[`${path}${path && '/'}node_modules/${name}`]
  if (own ?? path === '') return own
  return find(path.replace(/(^|\/)(node_modules\/(@[^/]+\/)?)?[^/]+$/, ''), name)
}
