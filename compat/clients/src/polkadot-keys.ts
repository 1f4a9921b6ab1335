import { Keyring } from '@polkadot/api'
import { web3Enable, web3FromAddress } from '@polkadot/extension-dapp'
import type { KeyringPair } from '@polkadot/keyring/types'
import { stringToHex } from '@polkadot/util'
import { createKeyMulti, encodeAddress, signatureVerify } from '@polkadot/util-crypto'
import { PREFIX, type Account, type Client } from './client.ts'

const keyrings = {
  sr25519: new Keyring({ type: 'sr25519', ss58Format: PREFIX }),
  ed25519: new Keyring({ type: 'ed25519', ss58Format: PREFIX }),
  ecdsa: new Keyring({ type: 'ecdsa', ss58Format: PREFIX }),
}

/** Keys, multisig addresses and signed messages as polkadot-js has them; dedot's guide takes them too. */
export const polkadotKeys: Pick<Client, 'account' | 'multisigAddress' | 'signInjected'> = {
  account: (scheme, path) => {
    const key = keyrings[scheme].addFromUri(path)
    return { address: key.address, key }
  },
  multisigAddress: (who, threshold) => encodeAddress(createKeyMulti([...who], threshold), PREFIX),
  signInjected: async (message, address) => {
    await web3Enable('tacit')
    const { signer } = await web3FromAddress(address)
    const data = stringToHex(message)
    const signed = await signer.signRaw?.({ address, data, type: 'bytes' })
    return signatureVerify(message, signed?.signature ?? '', address).isValid
  },
}

/** The key of an account that `polkadotKeys` made. */
export function keyOf(account: Account): KeyringPair {
  return account.key as KeyringPair
}
