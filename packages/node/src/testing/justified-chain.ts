import { encode, u64, utf8 } from '@tacit/base'
import { devKeypair, type Keypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { checkpointKeys, scheduleChange, storedAuthorities } from '@tacit/light'
import type { Change } from '@tacit/state'
import { signJustification } from '../engine/signer.ts'
import { Store, type StoreOptions } from '../storage/store.ts'
import { createBlockMaker } from './block-records.ts'

const SIGNERS = ['Alice', 'Bob', 'Charlie'] as const
const [AUTHORITIES = new Uint8Array(), SET_ID = new Uint8Array()] = checkpointKeys(native.hashes)

function signerOf(setId: number): Keypair {
  return devKeypair(SIGNERS[setId % SIGNERS.length] ?? 'Alice', 'ed25519')
}

/** What a state says of a set of one. */
function setOf(setId: number): Change[] {
  const list = [{ id: signerOf(setId).publicKey, weight: 1n }]
  return [
    { key: AUTHORITIES, value: encode(storedAuthorities, list) },
    { key: SET_ID, value: encode(u64, BigInt(setId)) },
  ]
}

/**
 * A chain of values with real roots and justifications. Each block of `handovers` gives the chain to
 * the next of Alice, Bob and Charlie.
 */
export async function writeJustifiedChain(
  path: string,
  options: StoreOptions & {
    readonly blocks: number
    readonly handovers?: readonly number[]
    /** The block from which on the state names a set that nothing hands over to. */
    readonly strangersFrom?: number
  },
): Promise<Store> {
  const store = new Store(path, options)
  const maker = createBlockMaker()
  let setId = 0
  for (let number = 0; number <= options.blocks; number++) {
    const isHandover = options.handovers?.includes(number) ?? false
    const next = [{ id: signerOf(setId + 1).publicKey, weight: 1n }]
    const logs = isHandover ? [scheduleChange(next)] : []
    const values: Change[] = [
      ...setOf(number >= (options.strangersFrom ?? number + 1) ? setId + 1 : setId),
      { key: utf8('number'), value: Uint8Array.of(number) },
      { key: utf8(`block ${number}`), value: new Uint8Array(60).fill(number) },
      { key: utf8(`block ${number - 3}`), value: undefined },
    ]
    const record = maker.next(values, {
      body: number === 0 ? [] : [Uint8Array.of(number)],
      digest: { logs },
    })
    const checkpointProof = maker.prove(checkpointKeys(native.hashes))
    if (number === 0) await store.writeGenesis({ ...record, checkpointProof })
    else {
      await store.commit(record)
      const key = signerOf(setId)
      store.putJustification(number, signJustification(key, undefined, record, BigInt(setId)))
    }
    if (isHandover) setId++
  }
  return store
}
