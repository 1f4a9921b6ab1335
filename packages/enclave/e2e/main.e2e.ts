import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { encode, err, toHex, unwrap, utf8 } from '@tacit/base'
import { portable } from '@tacit/crypto/portable'
import {
  headerCodec,
  headerHash,
  storedAuthorities,
  AUTHORITIES_KEY,
  grandpaJustification,
  precommitMessage,
  type Header,
} from '@tacit/light'
import { keypairFromSeed } from '@tacit/crypto'
import { consensusStorage } from '@tacit/runtime'
import { createMemoryStore, proveKeys, updateTrie } from '@tacit/state'
import { afterEach, describe, expect, test } from 'vitest'
import type { JsonObject } from '../src/channel/json.ts'
import { encodeFrame } from '../src/channel/frames.ts'
import { createPeer, type Peer } from '../src/channel/peer.ts'
import { filled } from '../src/testing/test-bytes.ts'

const { hashes } = portable
const MAIN = join(import.meta.dirname, '../src/main.ts')
const authority = keypairFromSeed('ed25519', filled(5))
const running: ChildProcess[] = []

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

const bytesOf = (hex: unknown): Uint8Array =>
  Uint8Array.from(Buffer.from(String(hex).slice(2), 'hex'))

/** A genesis with nothing but an authority and a class, and a header that is justified on it. */
function createGenesis(chainClass: 'development' | 'production') {
  const entries: { key: Uint8Array; value: Uint8Array }[] = [
    {
      key: AUTHORITIES_KEY,
      value: encode(storedAuthorities, [{ id: authority.publicKey, weight: 1n }]),
    },
    {
      key: consensusStorage.ChainClass.key(hashes),
      value: Uint8Array.of(chainClass === 'production' ? 1 : 0),
    },
  ]
  const scheme = { hash: hashes.blake2b256, layout: 'v1' } as const
  const { root, nodeChanges } = updateTrie(new Map(), entries, scheme)
  const nodes = new Map([...nodeChanges].flatMap(([path, node]) => (node ? [[path, node]] : [])))
  const values = createMemoryStore(entries)
  const prove = (keys: readonly Uint8Array[]): string[] =>
    proveKeys({ nodes, values, hash: hashes.blake2b256 }, keys).map(toHex)
  const headerAt = (number: number): Header => ({
    parentHash: filled(0),
    number,
    stateRoot: root,
    extrinsicsRoot: filled(0),
    digest: { logs: [] },
  })
  const keys = [AUTHORITIES_KEY, consensusStorage.CurrentSetId.key(hashes)]
  const start = {
    genesisHash: toHex(headerHash(hashes, headerAt(0))),
    header: toHex(encode(headerCodec, headerAt(0))),
    proof: prove(keys),
  }
  return { headerAt, prove, start }
}

function justified(header: Header): { header: string; justification: string } {
  const target = { targetHash: headerHash(hashes, header), targetNumber: header.number }
  const signature = authority.sign(precommitMessage(target, 1n, 0n))
  const precommits = [{ precommit: target, signature, id: authority.publicKey }]
  const commit = { ...target, precommits }
  const justification = encode(grandpaJustification, { round: 1n, commit, votesAncestries: [] })
  return { header: toHex(encode(headerCodec, header)), justification: toHex(justification) }
}

function boot(role: string, chainClass: string, prove: (keys: Uint8Array[]) => string[]): Peer {
  const args = ['--no-warnings', MAIN, '--role', role, '--chain-class', chainClass]
  const child = spawn(process.execPath, [...args, '--tee-socket', '/nonexistent'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {},
  })
  running.push(child)
  return createPeer({
    input: child.stdout,
    output: child.stdin,
    handle: (_, params) => {
      const keys = (params as JsonObject)['keys'] as string[]
      return Promise.resolve({ ok: true, value: { proof: prove(keys.map(bytesOf)) } })
    },
    maxConcurrent: 8,
    maxPending: 8,
  })
}

describe('the process', () => {
  test('knows nothing but start before it has a checkpoint, then the methods of its role', async () => {
    const genesis = createGenesis('development')
    const peer = boot('gatekeeper', 'development', genesis.prove)
    expect(await peer.request('nonce', {})).toEqual(err({ code: 'method_unknown' }))
    expect(await peer.request('start', genesis.start)).toMatchObject({ ok: true })
    expect(await peer.request('start', genesis.start)).toEqual(err({ code: 'method_unknown' }))
    expect(await peer.request('nonce', {})).toMatchObject({ ok: true })
    expect(await peer.request('step', {})).toEqual(err({ code: 'method_unknown' }))
    expect(await peer.request('nonce', { more: 1 })).toEqual(
      err({ code: 'params_invalid', field: 'more' }),
    )
    const slot = { operator: toHex(filled(1)), index: 0 }
    expect(await peer.request('register', slot)).toEqual(
      err({ code: 'evidence_unavailable', reason: 'socket_failed' }),
    )
    peer.close()
  })

  test('follows justified headers alone', async () => {
    const genesis = createGenesis('development')
    const peer = boot('contracts', 'development', genesis.prove)
    unwrap(await peer.request('start', genesis.start))
    const good = justified(genesis.headerAt(7))
    const other = justified(genesis.headerAt(8))
    const forged = { ...good, justification: other.justification }
    expect(await peer.request('advance', forged)).toMatchObject({ ok: false })
    expect(await peer.request('advance', good)).toMatchObject({ ok: true, value: { number: 7 } })
    expect(await peer.request('advance', good)).toEqual(err({ code: 'header_not_newer' }))
    expect(await peer.request('status', {})).toMatchObject({ ok: true, value: { height: 7 } })
    peer.close()
  })

  test('of class production refuses a development chain', async () => {
    const genesis = createGenesis('development')
    const peer = boot('contracts', 'production', genesis.prove)
    const refused = err({ code: 'chain_class_refused' })
    expect(await peer.request('start', genesis.start)).toEqual(refused)
    expect(await peer.request('status', {})).toEqual(err({ code: 'method_unknown' }))
    const real = createGenesis('production')
    const other = boot('contracts', 'production', real.prove)
    expect(await other.request('start', real.start)).toEqual(
      err({ code: 'collector_untested', collector: 'tee-socket' }),
    )
    expect(await other.request('status', {})).toEqual(err({ code: 'method_unknown' }))
  })

  test('refuses a checkpoint or a proof that does not fit', async () => {
    const genesis = createGenesis('development')
    const lying = boot('contracts', 'development', () => [])
    expect(await lying.request('start', genesis.start)).toMatchObject({
      ok: false,
      error: { code: 'proof_refused' },
    })
    const peer = boot('contracts', 'development', genesis.prove)
    const genesisHash = toHex(filled(1))
    expect(await peer.request('start', { ...genesis.start, genesisHash })).toEqual(
      err({ code: 'checkpoint_mismatch' }),
    )
  })

  test('ends when its worker is gone, and survives garbage until then', async () => {
    const child = spawn(
      process.execPath,
      [
        '--no-warnings',
        MAIN,
        '--role',
        'gatekeeper',
        '--chain-class',
        'development',
        '--tee-socket',
        '/x',
      ],
      { stdio: ['pipe', 'pipe', 'ignore'], env: {} },
    )
    running.push(child)
    const seen: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => seen.push(chunk))
    const garbage = utf8('{"not": json')
    const head = new Uint8Array(4)
    new DataView(head.buffer).setUint32(0, garbage.length, true)
    child.stdin.write(head)
    child.stdin.write(garbage)
    child.stdin.write(unwrap(encodeFrame([1, 2, 3])))
    child.stdin.write(unwrap(encodeFrame({ id: 4, method: 'nothing', params: {} })))
    child.stdin.end()
    const code = await new Promise((resolve) => child.once('exit', resolve))
    expect(code).toBe(0)
    const text = Buffer.concat(seen).toString('latin1')
    expect(text.match(/frame_malformed/g)).toHaveLength(2)
  })

  const good = ['--role', 'gatekeeper', '--chain-class', 'development']

  async function runOnce(args: readonly string[]): Promise<readonly [unknown, string]> {
    const child = spawn(process.execPath, ['--no-warnings', MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.push(child)
    const seen: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => seen.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => seen.push(chunk))
    const code = await new Promise((resolve) => child.once('close', resolve))
    return [code, Buffer.concat(seen).toString()]
  }

  test('that cannot start ends with 2 and says why', async () => {
    const [king, nowhere] = await Promise.all([runOnce(['--role', 'king']), runOnce(good)])
    expect(king).toEqual([2, '--role is one of contracts, gatekeeper\n'])
    const places = '/dev/attestation, /sys/kernel/config/tsm/report, /var/run/dstack.sock'
    expect(nowhere[1]).toContain(`source_missing: no TEE here: looked at ${places}`)
    expect(nowhere[0]).toBe(2)
  })

  test('explains itself, and that no collector ran on its hardware', async () => {
    const [help, warned] = await Promise.all([
      runOnce(['--help']),
      runOnce([...good, '--evidence-source', 'sev-snp']),
    ])
    expect(help[0]).toBe(0)
    expect(help[1]).toContain('--evidence-source auto|tee-socket|gramine|tdx|sev-snp|dstack')
    expect(help[1]).toContain('collector_untested')
    expect(warned).toEqual([0, 'evidence collector sev-snp: never ran on the hardware it is for\n'])
  })
})
