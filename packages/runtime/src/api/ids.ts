import { parseHex, unwrap } from '@tacit/base'

type ApiName =
  | 'Core'
  | 'Metadata'
  | 'TaggedTransactionQueue'
  | 'AccountNonceApi'
  | 'TransactionPaymentApi'
  | 'TransactionPaymentCallApi'
type ApiVersion = { readonly id: Uint8Array; readonly version: number }

/**
 * Each runtime API: the BLAKE2b-64 of its name, and the version of the declaration in polkadot-sdk
 * that it follows.
 */
export const API_IDS: { readonly [N in ApiName]: ApiVersion } = {
  Core: { id: id('df6acb689907609b'), version: 5 },
  Metadata: { id: id('37e397fc7c91f5e4'), version: 2 },
  TaggedTransactionQueue: { id: id('d2bc9897eed08f15'), version: 3 },
  AccountNonceApi: { id: id('bc9d89904f5b923f'), version: 1 },
  TransactionPaymentApi: { id: id('37c8bb1350a9a2a8'), version: 4 },
  TransactionPaymentCallApi: { id: id('f3ff14d5ab527059'), version: 3 },
}

function id(hex: string): Uint8Array {
  return unwrap(parseHex(hex), 'API id')
}
