import { afterEach, expect, test, vi } from 'vitest'
import { createProgram } from '../../program.ts'

const written: string[] = []
const catchText = (chunk: unknown): boolean => written.push(String(chunk)) > 0
const streams = [
  vi.spyOn(process.stdout, 'write').mockImplementation(catchText),
  vi.spyOn(process.stderr, 'write').mockImplementation(catchText),
]
afterEach(() => {
  process.exitCode = 0
  written.length = 0
  for (const stream of streams) stream.mockClear()
})

async function run(...flags: string[]): Promise<string> {
  const program = createProgram({ line: catchText, error: catchText })
  await program.parseAsync(['node', 'tacit', 'node', 'run', ...flags])
  return written.join('')
}

test('flags reach the node as they are', async () => {
  const shown = await run('--rpc-port', '7', '--no-dev', '--print-settings')
  expect(JSON.parse(shown)).toMatchObject({
    settings: { rpcPort: 7, dev: false },
    sources: { rpcPort: 'flag', dev: 'flag', retention: 'default' },
  })
})

test("the help is the node's, under its name here", async () => {
  expect(await run('--help')).toContain('tacit node run --dev --base-path')
})

test.each([
  ['flag_invalid: --rpc-port must', ['--rpc-port', '65536']],
  ['flag_invalid: --chain-spec is needed', []],
  ['flag_unknown: ', ['--nope']],
  ['config_unreadable: ', ['--config', '/nowhere/node.json']],
])('%s ends with 2', async (text, flags) => {
  expect(await run(...flags)).toContain(text)
  expect(process.exitCode).toBe(2)
})
