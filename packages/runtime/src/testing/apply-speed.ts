import { unwrap, type AccountId } from '@tacit/base'
import { IMMORTAL } from '../era.ts'
import { encodeSignedExtrinsic } from '../extrinsic.ts'
import { createTestChain, PHA } from './chain.ts'
import { transferCall } from './scenario.ts'

/**
 * Prints how many transfers per second one thread executes with every signature taken as good:
 * decoding, payload, nonce, fee, accounts, events; no trie, no disk.
 * Run: node packages/runtime/src/testing/apply-speed.ts
 */
const ACCOUNTS = 2_000
const PER_BLOCK = 1_000
const BLOCKS = 10

const accounts = Array.from({ length: ACCOUNTS }, (_, at) => {
  const who = new Uint8Array(32)
  new DataView(who.buffer).setUint32(0, at + 1)
  return who as Uint8Array as AccountId
})
const chain = createTestChain(accounts.map((who) => ({ who, free: 1_000n * PHA })))
const host = { ...chain.host, verify: () => true }
const nonces = new Map<AccountId, number>()

for (let round = 0; round < BLOCKS; round++) {
  const extrinsics = Array.from({ length: PER_BLOCK }, (_, at) => {
    const signer = accounts[(round * PER_BLOCK + at) % ACCOUNTS] as AccountId
    const to = accounts[(round * PER_BLOCK + 7 * at + 1) % ACCOUNTS] as AccountId
    const nonce = nonces.get(signer) ?? 0
    nonces.set(signer, nonce + 1)
    const extensions = { era: IMMORTAL, nonce, tip: 0n, metadataHash: false }
    const signature = { type: 'Sr25519', value: new Uint8Array(64) } as const
    return encodeSignedExtrinsic({ signer, signature, extensions, callBytes: transferCall(to, 5n) })
  })
  const block = chain.begin(host)
  const from = process.cpuUsage()
  for (const bytes of extrinsics) unwrap(unwrap(block.apply(bytes)).dispatch)
  const { user, system } = process.cpuUsage(from)
  chain.seal(block)
  const perSecond = Math.round((PER_BLOCK * 1e6) / (user + system))
  process.stdout.write(`${perSecond} transfers per CPU second\n`)
}
