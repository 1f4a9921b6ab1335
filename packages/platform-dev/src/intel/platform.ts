import { InvariantError } from '@tacit/base'
import { sha256 } from '../keys.ts'
import { issueCollateral } from './collateral.ts'
import { certifyKey, launchEnclave, launchTd, pckChainOf } from './launch.ts'
import { assembleParts, deriveKeys, type Keys } from './platform-parts.ts'
import type { DevAttack, DevPlatform, DevPlatformOptions } from './types.ts'

/**
 * Creates a software TEE platform: quotes, certificates, revocation lists and collateral of the
 * real formats under a development root that the seed decides. The root does not depend on now.
 */
export function createDevPlatform(options: DevPlatformOptions): DevPlatform {
  const { seed } = options
  if (seed.length !== 32) throw new InvariantError('createDevPlatform: the seed has 32 bytes')
  return assemble(options, deriveKeys(seed), {})
}

function assemble(options: DevPlatformOptions, keys: Keys, attack: DevAttack): DevPlatform {
  const parts = assembleParts(options, keys, attack)
  const certify = {
    sgx: once(() => certifyKey(parts, 'sgx')),
    tdx: once(() => certifyKey(parts, 'tdx')),
  }
  const { specs, certificates } = parts
  return {
    root: {
      name: specs.root.commonName,
      vendor: 'intel',
      certificate: certificates.root,
      fingerprint: sha256(certificates.root),
    },
    pckChain: pckChainOf(parts),
    collateral: (collateral = {}) => issueCollateral(parts, collateral),
    launchTd: (launch) => launchTd(parts, launch, certify.tdx),
    launchEnclave: (launch) => launchEnclave(parts, launch, certify.sgx),
    attack: (further) => assemble(options, keys, { ...attack, ...further }),
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
