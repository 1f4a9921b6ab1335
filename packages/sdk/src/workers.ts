import { toHex, type AccountId } from '@tacit/base'
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

/** @throws TacitError `contract_unknown`. */
export async function readContract(chain: Chain, contract: AccountId): Promise<ContractInfo> {
  const info = await chain.read(contractsStorage.Contracts, [contract])
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
): Promise<ServingInstance> {
  return readSlotInstance(chain, (await readContract(chain, contract)).slot)
}

/** The newest instance of an operator's slot. @throws TacitError `worker_unknown`. */
export async function readSlotInstance(chain: Chain, slot: SlotId): Promise<ServingInstance> {
  const instance = await chain.read(workersStorage.Slots, [slot])
  const record = instance && (await chain.read(workersStorage.Instances, [instance]))
  if (!instance || !record) {
    throw new TacitError({
      code: 'worker_unknown',
      shortMessage: 'The slot has no registered instance',
      fix: 'Start its worker, or ask the owner of the contract for another slot.',
    })
  }
  return { instance, evidenceHash: record.evidenceHash, endpoint: record.endpoint, record }
}
