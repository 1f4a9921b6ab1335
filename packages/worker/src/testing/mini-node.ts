import type { AddressInfo } from 'node:net'
import {
  encode,
  parseHex,
  toHex,
  unwrap,
  type AccountId,
  type Hash,
} from '@tacit/base'
import { keypairFromSeed } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import {
  digestItem,
  grandpaJustification,
  headerCodec,
  precommitMessage,
  type Header,
} from '@tacit/light'
import { systemStorage, type GenesisSpec, type Host } from '@tacit/runtime'
import { createRuntime } from '@tacit/runtime/runtime'
import { createMemoryStore, createOverlay, proveKeys, updateTrie } from '@tacit/state'
import { WebSocketServer, type WebSocket } from 'ws'

const { hashes } = native
const scheme = { hash: hashes.blake2b256, layout: 'v1' } as const
const SPACING_MS = 1_000n

/** A chain in memory behind the part of JSON-RPC that workers and the SDK use; for tests. */
export interface MiniNode {
  readonly url: string
  readonly genesisHash: Hash
  height(): number
  /** Makes an empty block. */
  beat(): void
  close(): Promise<void>
}

interface Stored {
  readonly header: Header
  readonly hash: Hash
  readonly extrinsics: readonly Uint8Array[]
  readonly justification: Uint8Array | undefined
  readonly nodes: ReadonlyMap<string, Uint8Array>
  readonly values: ReadonlyMap<string, Uint8Array>
}

type Params = readonly unknown[]
const bytesOf = (text: unknown): Uint8Array => unwrap(parseHex(String(text)))

export async function startMiniNode(
  spec: Omit<GenesisSpec, 'authorities'>,
): Promise<MiniNode> {
  const authority = keypairFromSeed('ed25519', new Uint8Array(32).fill(5))
  const runtime = createRuntime()
  const base = createMemoryStore()
  const blocks: Stored[] = []
  const pool: Uint8Array[] = []
  const watchers = new Map<number, WebSocket>()
  let nodes: ReadonlyMap<string, Uint8Array> = new Map()
  let values: ReadonlyMap<string, Uint8Array> = new Map()
  let nextSubscription = 1
  let isScheduled = false

  function hostOver(storage: ReturnType<typeof createOverlay>): Host {
    return { storage, hashes, verify: (check) => native.verify(check), log: () => {} }
  }

  function keep(storage: ReturnType<typeof createOverlay>): Hash {
    const changes = storage.changes()
    const { root, nodeChanges } = updateTrie(nodes, changes, scheme)
    const nextNodes = new Map(nodes)
    for (const [path, node] of nodeChanges) {
      if (node) nextNodes.set(path, node)
      else nextNodes.delete(path)
    }
    const nextValues = new Map(values)
    for (const { key, value } of changes) {
      if (value) nextValues.set(toHex(key), value)
      else nextValues.delete(toHex(key))
    }
    nodes = nextNodes
    values = nextValues
    return root as Hash
  }

  function store(header: Header, extrinsics: readonly Uint8Array[]): void {
    const hash = hashes.blake2b256(encode(headerCodec, header)) as Hash
    const justification = header.number === 0 ? undefined : justify(hash, header.number)
    blocks.push({ header, hash, extrinsics, justification, nodes, values })
    if (justification === undefined) return
    for (const [subscription, socket] of watchers) {
      const params = { subscription, result: toHex(justification) }
      socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'grandpa_justifications', params }))
    }
  }

  function justify(targetHash: Hash, targetNumber: number): Uint8Array {
    const precommit = { targetHash, targetNumber }
    const signature = authority.sign(precommitMessage(precommit, 1n, 0n))
    const signed = { precommit, signature, id: authority.publicKey }
    return encode(grandpaJustification, {
      round: 1n,
      commit: { targetHash, targetNumber, precommits: [signed] },
      votesAncestries: [],
    })
  }

  const head = (): Stored => blocks.at(-1) as Stored

  function seal(): void {
    isScheduled = false
    const storage = createOverlay(base)
    const host = hostOver(storage)
    const parent = head()
    const number = parent.header.number + 1
    const start = { number, parentHash: parent.hash, digest: { logs: [] } }
    const block = runtime.initializeBlock(host, start)
    const nowMs = spec.timeMs + BigInt(number) * SPACING_MS
    const note = { proposer: authority.publicKey, absent: [], misbehaviour: [] }
    const extrinsics: Uint8Array[] = []
    for (const bytes of [...runtime.inherents({ nowMs, ...note }), ...pool.splice(0)]) {
      if (block.apply(bytes).ok) extrinsics.push(bytes)
    }
    const header = unwrap(block.finalize(() => keep(storage)))
    base.apply(storage.changes())
    store(header, extrinsics)
  }

  function schedule(): void {
    if (isScheduled) return
    isScheduled = true
    setTimeout(seal, 5)
  }

  const find = (hash: unknown): Stored | undefined =>
    hash === undefined || hash === null ? head() : blocks.find((one) => toHex(one.hash) === hash)

  const jsonHeader = ({ header }: Stored): object => ({
    parentHash: toHex(header.parentHash),
    number: `0x${header.number.toString(16)}`,
    stateRoot: toHex(header.stateRoot),
    extrinsicsRoot: toHex(header.extrinsicsRoot),
    digest: { logs: header.digest.logs.map((log) => toHex(encode(digestItem, log))) },
  })

  const methods: Record<string, (params: Params, socket: WebSocket) => unknown> = {
    chain_getBlockHash: ([number]) => {
      const found = blocks[Number(number)]
      return found ? toHex(found.hash) : null
    },
    chain_getFinalizedHead: () => toHex(head().hash),
    chain_getHeader: ([hash]) => jsonHeader(find(hash) as Stored),
    chain_getBlock: ([hash]) => {
      const found = find(hash)
      if (!found) return null
      const { justification } = found
      return {
        block: { header: jsonHeader(found), extrinsics: found.extrinsics.map(toHex) },
        justifications: justification ? [['FRNK', toHex(justification)]] : null,
      }
    },
    state_getReadProof: ([keys, hash]) => {
      const at = find(hash) as Stored
      const stored = {
        nodes: at.nodes,
        values: { get: (key: Uint8Array) => at.values.get(toHex(key)) },
        hash: hashes.blake2b256,
      }
      const proof = proveKeys(stored, (keys as string[]).map(bytesOf))
      return { at: hash, proof: proof.map(toHex) }
    },
    state_getStorage: ([key, hash]) => {
      const value = find(hash)?.values.get(String(key))
      return value ? toHex(value) : null
    },
    state_getKeysPaged: ([prefix, count, after]) =>
      [...head().values.keys()]
        .filter((key) => key.startsWith(String(prefix)) && key > String(after ?? ''))
        .toSorted()
        .slice(0, Number(count)),
    system_accountNextIndex: ([who]) => {
      const host = hostOver(createOverlay(base))
      const state = { ...host.storage, hashes, get: (key: Uint8Array) => base.get(key) }
      const account = systemStorage.Account.get(state as never, bytesOf(who) as AccountId)
      return account.nonce
    },
    author_submitExtrinsic: ([text]) => {
      const bytes = bytesOf(text)
      const at = { number: head().header.number, hash: head().hash }
      const valid = runtime.validateTransaction(hostOver(createOverlay(base)), at, 'External', bytes)
      if (!valid.ok) throw new Error(JSON.stringify(valid.error))
      pool.push(bytes)
      schedule()
      return toHex(hashes.blake2b256(bytes))
    },
    grandpa_subscribeJustifications: (_, socket) => {
      const id = nextSubscription++
      watchers.set(id, socket)
      return id
    },
    grandpa_unsubscribeJustifications: ([id]) => watchers.delete(Number(id)),
  }

  const genesis = createOverlay(base)
  const fullSpec = { ...spec, authorities: [{ id: authority.publicKey, weight: 1n }] }
  runtime.genesis(hostOver(genesis), fullSpec)
  const genesisRoot = keep(genesis)
  base.apply(genesis.changes())
  store(runtime.genesisHeader(genesisRoot, hashes), [])

  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', (socket) => {
    socket.on('message', (data: Uint8Array) => {
      const { id, method, params = [] } = JSON.parse(Buffer.from(data).toString()) as {
        id: number
        method: string
        params?: Params
      }
      const reply = { jsonrpc: '2.0', id }
      try {
        const run = methods[method]
        if (!run) throw new Error(`no method ${method}`)
        socket.send(JSON.stringify({ ...reply, result: run(params, socket) }))
      } catch (error) {
        const message = error instanceof Error ? error.message : ''
        socket.send(JSON.stringify({ ...reply, error: { code: 1010, message } }))
      }
    })
    socket.on('close', () => {
      for (const [id, one] of watchers) if (one === socket) watchers.delete(id)
    })
  })
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${port}`,
    genesisHash: (blocks[0] as Stored).hash,
    height: () => head().header.number,
    beat: schedule,
    close: () =>
      new Promise((resolve) => {
        for (const socket of server.clients) socket.terminate()
        server.close(() => resolve())
      }),
  }
}
