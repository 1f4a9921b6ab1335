import type { KeyringPair } from '@polkadot/keyring/types'
import { TypeRegistry } from '@polkadot/types'
import { u8aToHex } from '@polkadot/util'
import { wrapBytes } from '@polkadot/extension-dapp'

/** Payload of signPayload, as @polkadot/types names it. */
type Payload = {
  readonly address: string
  readonly signedExtensions: string[]
  readonly version: number
}
type Raw = { readonly address: string; readonly data: string; readonly type: string }

export const EXTENSION = 'tacit-compat'

/**
 * Puts an extension into the page as the polkadot{.js} extension puts itself: `injectedWeb3` with
 * accounts, and a signer that gets JSON, makes the payload of it from that alone, and gives the
 * signature back. It asks nobody, and knows no metadata of the chain, as before a wallet has taken
 * any over.
 */
export function injectExtension(pairs: readonly KeyringPair[]): void {
  const accounts = pairs.map(({ address, type }) => ({ address, type, name: type }))
  let next = 0
  const pairOf = (address: string): KeyringPair => {
    const found = pairs.find((pair) => pair.address === address)
    if (!found) throw new Error(`the extension has no account ${address}`)
    return found
  }
  const signer = {
    signPayload: async (payload: Payload) => {
      const registry = new TypeRegistry()
      registry.setSignedExtensions(payload.signedExtensions)
      const { version } = payload
      const extrinsic = registry.createType('ExtrinsicPayload', payload as never, { version })
      return { id: next++, ...extrinsic.sign(pairOf(payload.address)) }
    },
    signRaw: async ({ address, data }: Raw) => {
      const signature = u8aToHex(pairOf(address).sign(wrapBytes(data)))
      return { id: next++, signature }
    },
  }
  const enable = async (): Promise<unknown> => ({
    accounts: {
      get: async () => accounts,
      subscribe: (tell: (all: unknown) => void) => tell(accounts),
    },
    metadata: { get: async () => [], provide: async () => true },
    signer,
  })
  const injectedWeb3 = { [EXTENSION]: { enable, version: '1.0.0' } }
  Object.assign(globalThis, { injectedWeb3 })
}
