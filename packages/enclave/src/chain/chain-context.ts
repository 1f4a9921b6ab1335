import type { CryptoProvider } from '@tacit/crypto'
import { timestampStorage, type PalletContext, type State } from '@tacit/runtime'
import type { Head } from './chain-view.ts'

/**
 * What the chain's own checks need to run inside the enclave: proven state, the chain's clock and
 * the enclave's signature verifier. They change nothing here and log nothing.
 */
export function chainContext(state: State, head: Head, crypto: CryptoProvider): PalletContext {
  return {
    state,
    host: { verify: (check) => crypto.verify(check), log: () => {} },
    block: { number: head.number, parentHash: head.hash, nowMs: timestampStorage.Now.get(state) },
    deposit: () => {},
  }
}
