/** What the flows need of a client library. Each library has an adapter; the library is as npm has it. */
export interface Client {
  /** Name and version of the library, and the provider if it has several. */
  readonly title: string
  /** Flows that the library has no way for, each with the reason. */
  readonly notOffered: { readonly [flow: string]: string }
  /** Flows that work by a way which is not the library's usual one, each with what that is. */
  readonly remarks: { readonly [flow: string]: string }
  connect(url: string): Promise<void>
  close(): Promise<void>
  spec(): Promise<ChainSpec>
  /** Names of the pallets in the metadata that the library has read. */
  pallets(): Promise<readonly string[]>
  constants(): Promise<{ readonly existentialDeposit: bigint; readonly specName: string }>
  /** Free balance in planck; at a block by its hash if one is given. */
  free(address: string, at?: string): Promise<bigint>
  /** Addresses of all accounts, read by pages or as the library reads a whole map. */
  accounts(): Promise<readonly string[]>
  /** The account's nonce, by a call of the runtime API. */
  nonce(address: string): Promise<number>
  watchFree(address: string, changed: (free: bigint) => void): Promise<Stop>
  watchHeads(kind: 'best' | 'finalized', seen: (number: number) => void): Promise<Stop>
  /** Number of extrinsics in a block. */
  bodyLength(block: string): Promise<number>
  account(scheme: Scheme, path: string): Account
  fee(call: Call, from: Account): Promise<bigint>
  /** Signs, submits and waits for finality; rejects if the node refuses the extrinsic. */
  submit(call: Call, from: Account, options?: TxOptions): Promise<Outcome>
  /** What the extrinsic would come to: 'ok' or the error's name. */
  dryRun(call: Call, from: Account): Promise<string>
  /** When a multisig's call was first approved. */
  timepoint(multisig: string): Promise<Timepoint>
  multisigAddress(who: readonly string[], threshold: number): string
  /** Signs and submits with an account of an injected extension only. */
  submitInjected(call: Call, address: string, options?: TxOptions): Promise<Outcome>
  /** Has the extension sign a message; whether the signature holds. */
  signInjected(message: string, address: string): Promise<boolean>
  /** Balances and blocks as wallets sum them up. */
  summary(address: string): Promise<Summary>
}

export type Stop = () => void
export type Scheme = 'sr25519' | 'ed25519' | 'ecdsa'
/** `key` is the library's own; only its adapter looks at it. */
export type Account = { readonly address: string; readonly key: unknown }
export type ChainSpec = {
  readonly name: string
  readonly genesisHash: string
  readonly prefix: number
  readonly symbol: string
  readonly decimals: number
}
export type Timepoint = { readonly height: number; readonly index: number }
export type Summary = {
  readonly transferable: bigint
  readonly nonce: number
  readonly best: number
}

export type Call =
  | { readonly type: 'transfer'; readonly to: string; readonly value: bigint }
  /** A contract's code of no bytes: a module's error. */
  | { readonly type: 'emptyCode' }
  | {
      readonly type: 'batch' | 'batchAll' | 'forceBatch'
      readonly calls: readonly Call[]
    }
  | {
      readonly type: 'asMulti'
      readonly threshold: number
      readonly others: readonly string[]
      readonly timepoint?: Timepoint
      readonly call: Call
    }
  | { readonly type: 'addProxy' | 'removeProxy'; readonly delegate: string }
  | { readonly type: 'proxy'; readonly real: string; readonly call: Call }

export type TxOptions = {
  readonly tip?: bigint
  readonly nonce?: number
  /** Blocks, a power of two; default the library's own. */
  readonly era?: 'immortal' | number
  /** Whether the signature covers the hash of the metadata, and of which. */
  readonly metadataHash?: 'right' | 'wrong'
}

export type Outcome = {
  readonly ok: boolean
  /** 'Pallet.Error' or 'Kind.Error'. */
  readonly error?: string
  /** 'Pallet.Event', in order. */
  readonly events: readonly string[]
  /** 'included' and 'finalized', in the order in which the library told of them. */
  readonly steps: readonly ('included' | 'finalized')[]
  readonly block: string
  readonly tip?: bigint
}

export const PREFIX = 30
export const PHA: bigint = 10n ** 12n
export const TOKEN = { decimals: 12, tokenSymbol: 'PHA' } as const
/** Weight that a multisig's call may use at most. */
export const MULTISIG_WEIGHT = { refTime: 5_000_000_000n, proofSize: 100_000n } as const

/** How a library that asks by chainHead reads a map. */
export const WHOLE_MAP =
  'read whole, as the library does; the node sends it in parts (chainHead_v1_storage)'

/** A promise with the functions that settle it: libraries tell by callbacks what became of something. */
export function deferred<T>(): PromiseWithResolvers<T> {
  return Promise.withResolvers<T>()
}

/** 'balances' to 'Balances', as the metadata has it. */
export function capital(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1)
}
