import { toHex, type AccountId, type Hash } from '@tacit/base'
import type { Header } from '@tacit/light'
import {
  contractsStorage,
  workersStorage,
  type ContractInfo,
  type Instance,
  type SlotId,
} from '@tacit/runtime'
import type { Chain } from './chain.ts'
import { TacitError } from './errors.ts'

/** The enclave that serves a contract now, as the chain proves it. */
export type ServingInstance = {
  readonly instance: Uint8Array
  readonly evidenceHash: Uint8Array
  readonly endpoint: string
  readonly record: Instance
}

/** A justified block at which to read; the newest one where it is left out. */
type At = { readonly header: Header; readonly hash: Hash }

/** @throws TacitError `contract_unknown`. */
export async function readContract(
  chain: Chain,
  contract: AccountId,
  at?: At,
): Promise<ContractInfo> {
  const info = await chain.read(contractsStorage.Contracts, [contract], at)
  if (info) return info
  throw new TacitError({
    code: 'contract_unknown',
    shortMessage: `No contract has the id ${toHex(contract)}`,
    fix: 'Check the id; `tacit contract deploy` prints it.',
  })
}

/** @throws TacitError `contract_unknown`, `worker_unknown`. */
export async function readServingInstance(
  chain: Chain,
  contract: AccountId,
  at?: At,
): Promise<ServingInstance> {
  return readSlotInstance(chain, (await readContract(chain, contract, at)).slot, at)
}

/** The newest instance of an operator's slot. @throws TacitError `worker_unknown`. */
export async function readSlotInstance(
  chain: Chain,
  slot: SlotId,
  at?: At,
): Promise<ServingInstance> {
  const instance = await chain.read(workersStorage.Slots, [slot], at)
  const record = instance && (await chain.read(workersStorage.Instances, [instance], at))
  if (!instance || !record) {
    throw new TacitError({
      code: 'worker_unknown',
      shortMessage: 'The slot has no registered instance',
      fix: 'Start its worker, or ask the owner of the contract for another slot.',
    })
  }
  return { instance, evidenceHash: record.evidenceHash, endpoint: record.endpoint, record }
}
