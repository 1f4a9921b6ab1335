/**
 * `node benchmarks/scale-state.ts DIRECTORY ACCOUNTS`: writes the genesis of a development chain with so
 * many accounts more, straight into a database, in the order of keys. The same number gives the same
 * state root, which is printed with the seconds it took, of the clock and of CPU.
 */
import { bytesToHex, compareBytes, encode, u128, type Hash } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { balancesStorage, headerCodec, systemStorage } from '@tacit/runtime'
import { createRuntime } from '@tacit/runtime/runtime'
import { createExecutor } from '../packages/node/src/executor.ts'
import { openColumns } from '../packages/node/src/storage/columns.ts'
import { createStateWriter } from '../packages/node/src/storage/state-writer.ts'
import { Store } from '../packages/node/src/storage/store.ts'
import { SCALE_SPEC, scaleAccount } from './scale-accounts.ts'

const { hashes } = native

async function writeScaleState(path: string, accounts: number): Promise<Hash> {
  const runtime = createRuntime()
  const executor = createExecutor({ runtime, crypto: native, log: () => {} })
  const entries = allEntries(executor.genesis(SCALE_SPEC.genesis).values, accounts)
  const columns = openColumns(path)
  const writer = createStateWriter(columns, hashes)
  for (const [key, value] of entries) writer.add(key, value)
  const root = writer.finish()
  await columns.root.close()
  const header = encode(headerCodec, runtime.genesisHeader(root, hashes))
  const hash = hashes.blake2b256(header) as Hash
  const store = new Store(path, { retention: 256 })
  const state = { values: [], nodes: [], checkpointProof: [] }
  await store.writeGenesis({ number: 0, hash, header, handsOver: false, body: [], ...state })
  await store.close()
  return root
}

type Entry = readonly [key: Uint8Array, value: Uint8Array]

/** The values of genesis and those of the accounts, each of which holds what Alice holds. */
function allEntries(
  genesis: readonly { readonly key: Uint8Array; readonly value: Uint8Array | undefined }[],
  accounts: number,
): readonly Entry[] {
  const entries = new Map<string, Entry>()
  for (const { key, value } of genesis) if (value) entries.set(bytesToHex(key), [key, value])
  const [first] = SCALE_SPEC.genesis.balances
  const account = first && entries.get(bytesToHex(accountKey(first.who)))?.[1]
  if (!first || !account) throw new Error('genesis has no account')
  const issuance = balancesStorage.TotalIssuance.key(hashes)
  const total = first.free * BigInt(accounts + SCALE_SPEC.genesis.balances.length)
  entries.set(bytesToHex(issuance), [issuance, encode(u128, total)])
  const all = [...entries.values()]
  for (let index = 0; index < accounts; index++)
    all.push([accountKey(scaleAccount(index)), account])
  return all.sort(([a], [b]) => compareBytes(a, b))
}

function accountKey(who: Parameters<typeof systemStorage.Account.key>[1]): Uint8Array {
  return systemStorage.Account.key(hashes, who)
}

const [path = '', accounts = ''] = process.argv.slice(2)
const startedAt = performance.now()
const root = await writeScaleState(path, Number(accounts))
const seconds = (performance.now() - startedAt) / 1_000
const { user, system } = process.cpuUsage()
const cpuSeconds = (user + system) / 1_000_000
console.log(JSON.stringify({ root: bytesToHex(root), seconds, cpuSeconds }))
