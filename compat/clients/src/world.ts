import { PHA, type Account, type Client } from './client.ts'

/** The accounts of one run: Alice of the development chain, and new ones of this client. */
export type World = {
  readonly client: Client
  readonly alice: Account
  /** A key of each scheme. */
  readonly own: Account
  readonly ed: Account
  readonly ec: Account
  /** Where a transfer of before the flows lies, by its block. */
  readonly blocks: string[]
}

export const START = 100n * PHA

export function createWorld(client: Client, name: string): World {
  return {
    client,
    alice: client.account('sr25519', '//Alice'),
    own: client.account('sr25519', `//${name}//sr`),
    ed: client.account('ed25519', `//${name}//ed`),
    ec: client.account('ecdsa', `//${name}//ec`),
    blocks: [],
  }
}
