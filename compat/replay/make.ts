/** `node make.ts FILE BLOCKS SEED`: a chain of random blocks. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { toHex, unwrap } from '@tacit/base'
import { devKeypair, type Keypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { balancesCalls, encodeCall, idAddress, systemStorage } from '@tacit/runtime'
import { createRuntime, type Runtime } from '@tacit/runtime/runtime'
import { createApplication } from '../../packages/node/src/application.ts'
import { chainSpecToJson, developmentSpec } from '../../packages/node/src/chain-spec.ts'
import { Store } from '../../packages/node/src/storage/store.ts'
import { signCall } from '../../packages/node/src/testing/transfers.ts'
import { arbitraryBytes } from '../../packages/runtime/src/testing/arbitrary-bytes.ts'
import { knownValues } from '../../packages/runtime/src/testing/scenario-calls.ts'
import { createPrng, type Prng } from '../../tools/prng.ts'

const [path = '', blocks = '', seed = ''] = process.argv.slice(2)
const GENESIS_MS = 1_700_000_000_000n
const BALANCE = 10n ** 18n
const BALANCES_INDEX = 10
const SENDERS: readonly Keypair[] = [
  ...['Alice', 'Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie'].map((name) =>
    devKeypair(name, 'ed25519'),
  ),
  devKeypair('Alice'),
  devKeypair('Bob', 'ecdsa'),
]

await makeChain(path, Number(blocks), Number(seed))

async function makeChain(file: string, count: number, chosen: number): Promise<void> {
  const random = createPrng(chosen, 0)
  const base = developmentSpec({ timeMs: GENESIS_MS })
  const balances = SENDERS.map(({ accountId: who }) => ({ who, free: BALANCE }))
  const known = new Set(SENDERS.map(({ accountId }) => toHex(accountId)))
  const others = base.genesis.balances.filter(({ who }) => !known.has(toHex(who)))
  const spec = { ...base, genesis: { ...base.genesis, balances: [...others, ...balances] } }
  const folder = mkdtempSync(join(tmpdir(), 'tacit-replay-'))
  const store = new Store(folder, { retention: 16 })
  const runtime = createRuntime()
  const app = createApplication({ runtime, store, crypto: native, log: () => {} })
  const genesisHash = await app.genesis(spec.genesis)
  const calls = anyCalls(runtime, count * SENDERS.length, chosen)
  const lines = [JSON.stringify(chainSpecToJson(spec))]
  let nowMs = GENESIS_MS
  const totals = { included: 0, failed: 0, refused: 0 }
  for (let number = 1; number <= count; number++) {
    nowMs += 1n + BigInt(random.below(20_000))
    const { values } = unwrap(store.stateAt(number - 1), 'state')
    const candidates = SENDERS.map((from) => {
      const raw = values.get(systemStorage.Account.key(native.hashes, from.accountId))
      const nonce = raw ? unwrap(systemStorage.Account.decode(raw), 'account').nonce : 0
      return signCall(
        random.below(2) === 0 ? transfer(random) : (calls.pop() ?? transfer(random)),
        {
          from,
          nonce,
          genesisHash,
        },
      )
    })
    const proposer = spec.genesis.authorities[0]?.id ?? new Uint8Array()
    const { block, refused } = app.prepare({ nowMs, proposer, candidates })
    await app.commit(block)
    totals.included += block.applied.length
    totals.failed += block.applied.filter(({ dispatch }) => !dispatch.ok).length
    totals.refused += refused.length
    const extrinsics = block.extrinsics.map(toHex)
    lines.push(JSON.stringify({ header: toHex(block.headerBytes), extrinsics }))
  }
  await store.close()
  rmSync(folder, { recursive: true })
  writeFileSync(file, `${lines.join('\n')}\n`)
  console.log(JSON.stringify(totals))
}

/** Any call with any arguments, as often as every sender could make one in every block. */
function anyCalls({ composition }: Runtime, count: number, chosen: number): Uint8Array[] {
  const people = SENDERS.map(({ accountId }) => accountId)
  const calls = arbitraryBytes(composition.call.type, knownValues(composition, people), 2)
  return fc.sample(calls, { numRuns: Math.ceil(count / 2), seed: chosen })
}

/** A call that works. */
function transfer(random: Prng): Uint8Array {
  const to = random.pick(SENDERS).accountId
  const value = BigInt(random.below(10 ** 6)) * 10n ** 9n
  const args = { dest: idAddress(to), value }
  return encodeCall(BALANCES_INDEX, balancesCalls.transfer_keep_alive, args)
}
