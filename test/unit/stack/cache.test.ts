import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { acquire } from '@backtide/stack/acquire/acquire'
import { cached } from '@backtide/stack/acquire/cache'
import { describe, expect, it, onTestFinished } from 'vitest'

const quiet = () => {}

describe('the cache of servers', () => {
  it('is filled once, however many ask at the same time', async () => {
    const root = temporary()
    let fills = 0
    const fill = async (folder: string) => {
      fills++
      await new Promise((resolve) => setImmediate(resolve))
      writeFileSync(join(folder, 'tool'), 'whole')
    }
    const ask = () => cached(root, 'tool-1', fill, quiet)
    const folders = await Promise.all([ask(), ask(), ask()])
    expect(fills).toBe(1)
    expect(new Set(folders)).toEqual(new Set([join(root, 'tool-1')]))
    expect(readdirSync(root)).toEqual(['tool-1'])
  })

  it('shows nothing of a filling that failed, and can be filled after', async () => {
    const root = temporary()
    const failing = cached(root, 'tool-1', () => Promise.reject(new Error('no room')), quiet)
    await expect(failing).rejects.toThrow('no room')
    expect(readdirSync(root)).toEqual([])
    expect(readdirSync(await cached(root, 'tool-1', fillTool, quiet))).toEqual(['tool'])
  })

  it('does not wait for a process that is gone', async () => {
    const root = temporary()
    writeFileSync(join(root, 'tool-1.lock'), `${2 ** 22 + 1}`)
    await cached(root, 'tool-1', fillTool, quiet)
    expect(readdirSync(root)).toEqual(['tool-1'])
  })
})

describe('acquiring a server', () => {
  const tool = { title: 'Tool 1', folder: 'tool-1', file: 'tool', remedy: 'Install Tool.' }

  it('goes on to the next way when one does not work, and keeps what it got', async () => {
    const options = { env: { XDG_CACHE_HOME: temporary() }, say: quiet }
    const ways = [way('downloading'), way('building', 'built'), way('never', 'never')]
    const path = await acquire({ ...tool, ways }, options)
    expect(path).toBe(join(options.env.XDG_CACHE_HOME, 'backtide', 'tool-1', 'tool'))
    expect(readFileSync(path, 'utf8')).toBe('built')
    expect(await acquire({ ...tool, ways: [way('again')] }, options)).toBe(path)
  })

  it('says what to install when no way works, and why none did', async () => {
    const options = { env: { XDG_CACHE_HOME: temporary() }, say: quiet }
    const ways = [way('downloading'), way('building')]
    await expect(acquire({ ...tool, ways }, options)).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(
        /Install Tool\.[^]*downloading does not work[^]*building does not work/,
      ),
    })
  })
})

async function fillTool(folder: string): Promise<void> {
  writeFileSync(join(folder, 'tool'), 'whole')
}

function way(what: string, content?: string) {
  return {
    what,
    fill: async (folder: string) => {
      if (content === undefined) throw new Error(`${what} does not work`)
      writeFileSync(join(folder, 'tool'), content)
    },
  }
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'backtide-test-cache-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}
