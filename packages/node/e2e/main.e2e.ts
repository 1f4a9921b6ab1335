import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runNode, spawnNode } from '../src/testing/node-process.ts'
import { makeTempDir } from '../src/testing/temp-dir.ts'

const directory = makeTempDir()
afterAll(() => directory.remove())
const base = ['--base-path', directory.path]

test('a development chain is made once, and a second node names the port it cannot have', async () => {
  const first = await spawnNode([...base, '--dev', '--rpc-port', '0'])
  const port = new URL(first.rpcUrl).port
  const second = await runNode([
    '--base-path',
    join(directory.path, 'b'),
    '--dev',
    '--rpc-port',
    port,
  ])
  expect(second.code).toBe(1)
  expect(second.stderr).toContain(`port_taken: 127.0.0.1:${port} is taken`)
  expect(second.stderr).toContain('--rpc-port')
  const twin = await runNode([...base, '--dev', '--rpc-port', '0'])
  expect(twin.code).toBe(1)
  expect(twin.stderr).toContain('base_path_in_use')
  expect(await first.end('SIGINT')).toBe(0)
  const again = await spawnNode([...base, '--dev', '--rpc-port', '0'])
  expect(await again.end('SIGTERM')).toBe(0)
})

test('wrong flags and files', async () => {
  const broken = join(directory.path, 'broken.json')
  writeFileSync(broken, '{"name": "x", "id": "../etc"}')
  const cases: readonly [number, string, ...string[]][] = [
    [2, 'flag_unknown', '--nope'],
    [2, 'flag_invalid: --chain-spec', ...base],
    [2, 'flag_invalid: --rpc-port', ...base, '--dev', '--rpc-port', '70000'],
    [1, 'chain_spec_unreadable', ...base, '--chain-spec', join(directory.path, 'none.json')],
    [1, 'chain_spec_invalid: chain specification: id', ...base, '--chain-spec', broken],
  ]
  const outcomes = await Promise.all(cases.map(([, , ...flags]) => runNode(flags)))
  for (const [index, [code, text]] of cases.entries()) {
    expect(outcomes[index]?.stderr).toContain(text)
    expect(outcomes[index]?.code).toBe(code)
  }
  const help = await runNode(['--help'])
  expect([help.code, help.stdout.startsWith('Runs a Tacit node')]).toEqual([0, true])
})
