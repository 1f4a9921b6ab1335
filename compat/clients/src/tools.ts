import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A program that writes types for a chain which it reads from a node. */
export type Tool = { readonly title: string; run(url: string): Promise<void> }

const MODULES = join(import.meta.dirname, '../node_modules')

export const TOOLS: readonly Tool[] = [
  {
    title: '`papi add`, polkadot-api 2.2.2',
    run: (url) =>
      inFolder(async (folder) => {
        await runIn(folder, ['polkadot-api/bin/cli.js', 'add', 'tacit', '--wsUrl', url])
        const types = readFileSync(join(folder, '.papi/descriptors/dist/tacit.d.ts'), 'utf8')
        for (const name of ['transfer_keep_alive', 'upload_code']) assert(types.includes(name))
      }),
  },
  {
    title: '`dedot chaintypes`, @dedot/cli 1.3.0',
    run: (url) =>
      inFolder(async (folder) => {
        const args = ['chaintypes', '--wsUrl', url, '--output', folder, '--chain', 'tacit']
        await runIn(folder, ['@dedot/cli/bin/dedot.mjs', ...args])
        const types = readFileSync(join(folder, 'tacit/tx.d.ts'), 'utf8')
        for (const name of ['transferKeepAlive', 'uploadCode']) assert(types.includes(name))
      }),
  },
]

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tacit-types-'))
  writeFileSync(join(folder, 'package.json'), '{ "name": "app", "private": true }')
  symlinkSync(MODULES, join(folder, 'node_modules'))
  try {
    await run(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What the programs have npm do is done without a registry. */
async function runIn(cwd: string, [program = '', ...args]: readonly string[]): Promise<void> {
  const env = { ...process.env, npm_config_offline: 'true', npm_config_legacy_peer_deps: 'true' }
  const child = spawn(process.execPath, [join(MODULES, program), ...args], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const [code] = (await once(child, 'exit')) as [number | null]
  assert.equal(code, 0, said)
}
