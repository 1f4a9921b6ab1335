import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytesToHex, decode, parseHash, parseHex, toHex, unwrap, utf8 } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import {
  checkpointKeys,
  grandpaJustification,
  headerCodec,
  startFromCheckpoint,
  verifyJustification,
} from '@tacit/light'
import { createRuntime } from '@tacit/runtime/runtime'
import { afterEach, expect, test } from 'vitest'
import { developmentSpec } from './chain-spec.ts'
import { startNode } from './start-node.ts'
import { makeTempDir } from './testing/temp-dir.ts'
import { createBench, TEST_SPEC, transferHex } from './testing/test-node.ts'

const bench = createBench()
afterEach(() => bench.end())

type BlockJson = {
  readonly block: { readonly header: { number: string }; readonly extrinsics: string[] }
  readonly justifications: readonly (readonly [id: number[], justification: number[]])[] | null
}

test('a transfer is sealed at once, justified and final', async () => {
  const node = await bench.start()
  const client = await bench.connect(node)
  const justified: Uint8Array[] = []
  node.onJustified(({ justification }) => justified.push(justification))
  const hash = await client.submitAndWait(transferHex(node, 0))
  const { block, justifications } = (await client.call('chain_getBlock', hash)) as BlockJson
  expect(block.header.number).toBe('0x1')
  expect(block.extrinsics).toHaveLength(3)
  const [justification] = justified
  if (!justification) throw new Error('nothing was justified')
  expect(justifications).toEqual([[[...utf8('FRNK')], [...justification]]])
  const verdict = verifyJustification({
    justification: unwrap(decode(grandpaJustification, justification)),
    target: { number: 1, hash: unwrap(parseHash(unwrap(parseHex(hash)))) },
    set: { setId: 0n, authorities: TEST_SPEC.genesis.authorities },
    hashes: native.hashes,
    verify: (check) => native.verify(check),
  })
  expect(verdict.ok).toBe(true)
  expect(bytesToHex(node.chain.justified.hash)).toBe(hash.slice(2))
})

test('without work a block is sealed at every heartbeat', async () => {
  const node = await bench.start({ heartbeatMs: 20 })
  const { promise, resolve } = Promise.withResolvers<void>()
  node.onJustified(({ number }) => {
    if (number >= 3) resolve()
  })
  await promise
})

test('times rise strictly although the clock stands still', async () => {
  const node = await bench.start({ heartbeatMs: 5, now: () => 1_700_000_000_000 })
  const { promise, resolve } = Promise.withResolvers<void>()
  node.onJustified(({ number }) => {
    if (number >= 3) resolve()
  })
  await promise
})

test('a chain goes on after a restart, with the same genesis and justifications', async () => {
  const directory = makeTempDir()
  const first = await bench.start({ basePath: directory.path })
  const client = await bench.connect(first)
  const hash = await client.submitAndWait(transferHex(first, 0))
  const before = await client.call('chain_getBlock', hash)
  await first.stop()
  const second = await bench.start({ basePath: directory.path })
  const again = await bench.connect(second)
  expect(second.genesisHash).toEqual(first.genesisHash)
  expect(await again.call('chain_getBlock', hash)).toEqual(before)
  await again.submitAndWait(transferHex(second, 1))
  expect(second.chain.head.number).toBe(2)
  await second.stop()
  directory.remove()
})

test('a pruned body is a coded error, never an empty block', async () => {
  const node = await bench.start({ heartbeatMs: 5, bodyRetention: 2 })
  const { promise, resolve } = Promise.withResolvers<void>()
  node.onJustified(({ number }) => {
    if (number >= 5) resolve()
  })
  await promise
  const client = await bench.connect(node)
  const first = await client.call('chain_getBlockHash', 1)
  for (const method of ['chain_getBlock', 'archive_v1_body']) {
    const { code, data } = await client.fail(method, first)
    const { code: reason, oldest } = data as { code: string; oldest: number }
    expect([code, reason]).toEqual([-32_000, 'body_pruned'])
    expect(oldest).toBeGreaterThanOrEqual(3)
  }
  expect(await client.call('archive_v1_header', first)).toMatch(/^0x/)
})

test('a light client starts at genesis long after its state was pruned', async () => {
  const node = await bench.start({ heartbeatMs: 5, retention: 2 })
  const { promise, resolve } = Promise.withResolvers<void>()
  node.onJustified(({ number }) => {
    if (number >= 5) resolve()
  })
  await promise
  const client = await bench.connect(node)
  const keys = checkpointKeys(native.hashes).map(toHex)
  const genesis = toHex(node.genesisHash)
  expect((await client.fail('state_getReadProof', ['0x3a636f6465'], genesis)).code).toBe(-32_000)
  const { proof } = (await client.call('state_getReadProof', keys, genesis)) as { proof: string[] }
  const header = unwrap(parseHex(String(await client.call('archive_v1_header', genesis))))
  const checkpoint = {
    header: unwrap(decode(headerCodec, header)),
    proof: proof.map((hex) => unwrap(parseHex(hex))),
  }
  const light = unwrap(startFromCheckpoint(node.genesisHash, checkpoint, native))
  expect(light.set.authorities).toEqual(TEST_SPEC.genesis.authorities)
})

test('a taken port is named with its flag, and the node leaves the database alone', async () => {
  const node = await bench.start()
  const rpcPort = Number(new URL(node.rpcUrl).port)
  await expect(bench.start({ rpcPort })).rejects.toMatchObject({
    code: 'port_taken',
    fault: { port: rpcPort, flag: '--rpc-port' },
  })
})

test('a directory has one node at a time', async () => {
  const directory = makeTempDir()
  const node = await bench.start({ basePath: directory.path })
  await expect(bench.start({ basePath: directory.path })).rejects.toMatchObject({
    code: 'base_path_in_use',
  })
  await node.stop()
  const lock = join(directory.path, TEST_SPEC.id, 'node.lock')
  expect(existsSync(lock)).toBe(false)
  // The parent is alive, but it is not the process that the lock means.
  writeFileSync(lock, JSON.stringify({ pid: process.ppid, born: '1' }))
  await (await bench.start({ basePath: directory.path })).stop()
  directory.remove()
})

test('a database of another chain is refused', async () => {
  const directory = makeTempDir()
  const node = await bench.start({ basePath: directory.path })
  await node.stop()
  const other = developmentSpec({ timeMs: 1_700_000_000_001n })
  await expect(bench.start({ basePath: directory.path, chainSpec: other })).rejects.toMatchObject({
    code: 'genesis_mismatch',
  })
  directory.remove()
})

test('a chain whose authority key is elsewhere does not start', async () => {
  const authorities = [{ id: new Uint8Array(32).fill(9), weight: 1n }]
  const genesis = { ...TEST_SPEC.genesis, authorities }
  await expect(bench.start({ chainSpec: { ...TEST_SPEC, genesis } })).rejects.toMatchObject({
    code: 'authority_key_missing',
  })
})

test('an exception of the rules halts the node before it commits', async () => {
  const real = createRuntime()
  const runtime: typeof real = {
    ...real,
    initializeBlock: (host, start) => {
      if (start.number === 2) throw new RangeError('Maximum call stack size exceeded')
      return real.initializeBlock(host, start)
    },
  }
  const directory = makeTempDir()
  const node = await bench.start({ basePath: directory.path, runtime })
  const client = await bench.connect(node)
  await client.submitAndWait(transferHex(node, 0))
  await client.call('author_submitExtrinsic', transferHex(node, 1))
  const fault = await node.halted
  expect(fault).toMatchObject({ code: 'runtime_failed', fault: { height: 2 } })
  expect(fault.message).toContain('was not committed')
  const health = await fetch(node.rpcUrl.replace('ws:', 'http:') + '/health')
  expect(health.status).toBe(503)
  await node.stop()
  const repaired = await startNode({
    basePath: directory.path,
    chainSpec: TEST_SPEC,
    rpcPort: 0,
    rpcThread: 'none',
  })
  expect(repaired.chain.head.number).toBe(1)
  await repaired.stop()
  directory.remove()
})
