import { err, ok, type AccountId, type Result } from '@tacit/base'
import {
  contractsStorage,
  isNewest,
  keysStorage,
  timestampStorage,
  type ContractInfo,
  type InboxState,
  type State,
} from '@tacit/runtime'
import type { ChainView, Head } from '../chain/chain-view.ts'
import type { ProvenReadError } from '../chain/proven-state.ts'

/** What the chain says of a contract at a justified head. */
export interface ContractFacts {
  readonly head: Head
  readonly info: ContractInfo
  readonly inbox: InboxState
  readonly epoch: number
  /** The chain's clock at the head. */
  readonly nowMs: bigint
}

export type FactsError =
  | ProvenReadError
  | { readonly code: 'contract_unknown' }
  /** Its constructor failed; it never runs. */
  | { readonly code: 'contract_failed' }
  /** Another instance serves it. */
  | { readonly code: 'instance_not_assigned' }

/** Reads, at the head, what serving a contract needs to know. */
export async function readFacts(
  chain: ChainView,
  contract: AccountId,
  instance: Uint8Array,
): Promise<Result<ContractFacts, FactsError>> {
  const head = chain.head()
  const read = await chain.read((state) => factsAt(state, head, contract, instance))
  return read.ok ? read.value : read
}

function factsAt(
  state: State,
  head: Head,
  contract: AccountId,
  instance: Uint8Array,
): Result<ContractFacts, FactsError> {
  const info = contractsStorage.Contracts.get(state, contract)
  const inbox = contractsStorage.Inbox.get(state, contract)
  const epoch = keysStorage.Epochs.get(state, contract)
  const nowMs = timestampStorage.Now.get(state)
  if (info === undefined) return err({ code: 'contract_unknown' })
  if (info.status.type === 'Failed') return err({ code: 'contract_failed' })
  if (!isNewest(state, info.slot, instance)) return err({ code: 'instance_not_assigned' })
  return ok({ head, info, inbox, epoch, nowMs })
}
