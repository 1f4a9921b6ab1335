import { decode, parseHex, toHex, unwrap, utf8 } from '@tacit/base'
import { grandpaJustification } from '@tacit/light'
import { afterAll, expect, test } from 'vitest'
import { spawnNode } from '../src/testing/node-process.ts'
import { RpcClient } from '../src/testing/rpc-client.ts'
import { makeTempDir } from '../src/testing/temp-dir.ts'

const directory = makeTempDir()
afterAll(() => directory.remove())
const flags = ['--base-path', directory.path, '--dev', '--rpc-port', '0', '--heartbeat-ms', '10']
/** Room for genesis and some blocks. */
const MAX_FILE_BYTES = 768 * 1024

test('a full disk stops the node with a code; with space it goes on with the same chain', async () => {
  const full = await spawnNode(flags, MAX_FILE_BYTES)
  const client = await RpcClient.connect(full.rpcUrl)
  const seen: string[] = []
  await client.subscribe('grandpa_subscribeJustifications', [], (one) => seen.push(String(one)))
  const { code, stderr } = await full.ended()
  client.close()
  expect(code).toBe(1)
  expect(stderr).toContain('"code":"disk_full"')
  expect(stderr).toContain('make room on the disk')
  expect(seen.length).toBeGreaterThan(0)
  const again = await spawnNode(flags)
  const other = await RpcClient.connect(again.rpcUrl)
  for (const justification of seen) {
    const bytes = unwrap(parseHex(justification))
    const { commit } = unwrap(decode(grandpaJustification, bytes))
    const hash = await other.call('chain_getBlockHash', commit.targetNumber)
    expect(hash).toBe(toHex(commit.targetHash))
    const block = (await other.call('chain_getBlock', hash)) as { justifications: number[][][] }
    expect(block.justifications).toEqual([[[...utf8('FRNK')], [...bytes]]])
  }
  other.close()
  expect(await again.end('SIGTERM')).toBe(0)
})
