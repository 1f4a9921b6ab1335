import { concatBytes, utf8 } from './bytes.ts'

/**
 * Every signature, derivation, commitment and sealed message of Tacit begins with one of these
 * labels, so that bytes made for one purpose can never be read for another. A label names its
 * version; a change of format or suite takes a new version and leaves the old line here.
 */
export const DOMAINS = {
  /** Report data of a registration: BLAKE2b-512 over SCALE(RegistrationBinding). */
  registration: 'tacit/registration/v1',
  /** Nonce of GPU evidence: BLAKE2b-256 over SCALE(GpuNonceBinding). */
  gpuNonce: 'tacit/gpu-nonce/v1',
  /** Names a physical processor or GPU: BLAKE2b-256 over SCALE(PlatformName). */
  platform: 'tacit/platform/v1',
  /** Report data of a key release request: BLAKE2b-512 over SCALE(ReleaseBinding). */
  release: 'tacit/release/v1',
  /** HPKE info of a released key share, X25519 / HKDF-SHA256 / AES-256-GCM. */
  releaseSeal: 'tacit/release-seal/v1',
  /** Signature of a gatekeeper over a grant, ed25519. */
  grant: 'tacit/grant/v1',
  /** Signature of a gatekeeper over the group's public keys, ed25519. */
  keyGroup: 'tacit/key-group/v1',
  /** Input of the threshold evaluation for a contract key, BLS12-381 hash to G1. */
  contractKey: 'tacit/contract-key/v1',
  /** Derives the X25519 inbox key of a contract's epoch, HKDF-SHA256. */
  inboxKey: 'tacit/inbox-key/v1',
  /** Signature of an instance over a contract's inbox public key, ed25519. */
  inboxKeyNote: 'tacit/inbox-key-note/v1',
  /** Derives the keys of a contract's state: commitment and encryption, HKDF-SHA256. */
  stateKey: 'tacit/state-key/v1',
  /** HMAC-SHA256 of a state leaf's key. */
  stateLeafKey: 'tacit/state-leaf-key/v1',
  /** HMAC-SHA256 of a state leaf's value. */
  stateLeafValue: 'tacit/state-leaf-value/v1',
  /** Secret randomness of one command, HKDF-SHA256. */
  commandSeed: 'tacit/command-seed/v1',
  /** Randomness of one query, HKDF-SHA256; never equal to a command's. */
  querySeed: 'tacit/query-seed/v1',
  /** HPKE info of a sealed command, X25519 / HKDF-SHA256 / AES-256-GCM. */
  command: 'tacit/command/v1',
  /** One link of a contract's inbox hash chain, BLAKE2b-256. */
  inboxLink: 'tacit/inbox-link/v1',
  /** Signature of an instance over a commit, ed25519; the commit's hash too. */
  commit: 'tacit/commit/v1',
  /** Id of a contract, BLAKE2b-256. */
  contractId: 'tacit/contract-id/v1',
  /** Salted hash of a command's input or output, BLAKE2b-256. */
  payload: 'tacit/payload/v1',
  /** Signature of an instance over a session's transcript, ed25519. */
  session: 'tacit/session/v1',
  /** Derives the two frame keys of a session, HKDF-SHA256. */
  sessionKeys: 'tacit/session-keys/v1',
  /** Signature of an account that says who speaks in a session. */
  sessionAuth: 'tacit/session-auth/v1',
  /** Identity of a measured program, BLAKE2b-256 over its measurement registers. */
  measurement: 'tacit/measurement/v1',
  /** Derives the keys of the software TEE platform from its seed, HKDF-SHA256. */
  platformDev: 'tacit/platform-dev/v1',
} as const

export type DomainName = keyof typeof DOMAINS

const PREFIXES: ReadonlyMap<string, Uint8Array> = new Map(
  Object.entries(DOMAINS).map(([name, label]) => [
    name,
    concatBytes(Uint8Array.of(label.length), utf8(label)),
  ]),
)

/** The label's bytes behind one byte of length: a prefix that no other label begins with. */
export function domain(name: DomainName): Uint8Array {
  return PREFIXES.get(name) ?? new Uint8Array()
}

/** Puts a domain before parts that are of fixed length or SCALE-encoded. */
export function inDomain(name: DomainName, ...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(domain(name), ...parts)
}
