#!/usr/bin/env node
// Sources are TypeScript and run as they are: on Node 24, which npm brought along. Where this
// script was started by an older Node, it starts itself again on that one.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
if (Number(process.versions.node.split('.')[0]) >= 24) await import(main)
else startOnBundledNode()

function startOnBundledNode() {
  const node = findBundledNode()
  if (node === undefined) {
    console.error(
      'tacit needs Node 24 and found none.\n  Fix: run `npm ci`, which brings it, or install Node 24.',
    )
    process.exit(1)
  }
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
}

function findBundledNode() {
  const require = createRequire(import.meta.url)
  const { platform, arch } = process
  const suffix = platform === 'win32' ? 'win' : platform
  for (const name of [`node-${suffix}-${arch}`, `node-bin-${suffix}-${arch}`]) {
    try {
      return require.resolve(`${name}/bin/node${platform === 'win32' ? '.exe' : ''}`)
    } catch {}
  }
  return undefined
}
