import { bytesToHex, InvariantError, utf8 } from '@tacit/base'
import { issueCertificate, LEAF_USAGE } from '../certificates.ts'
import { deriveBytes, deriveKey, sha256, type PlatformKey } from '../keys.ts'

/** A JSON object before it is signed. */
export type NrasClaims = Record<string, unknown>

/** What is sent to the service, and when. */
export interface NrasRequest {
  /** 32 bytes. */
  readonly nonce: Uint8Array
  /** Unix seconds; tokens are valid for an hour from then. */
  readonly now: number
  /** Claims of each device by its name, such as `GPU-0`; those of a good one where empty. */
  readonly devices: Readonly<Record<string, NrasClaims>>
}

/** Deviations from honest answers, under the service's own keys. `token` is `overall` or a device's name. */
export interface NrasAttack {
  readonly editHeader?: (token: string, header: NrasClaims) => void
  readonly editClaims?: (token: string, claims: NrasClaims) => void
  /** Changes a token's text after it was signed; the overall token holds the digest of what comes. */
  readonly editToken?: (token: string, text: string) => string
  /** Changes the whole answer. */
  readonly editResult?: (result: string) => string
  readonly editKeys?: (keys: { keys: NrasClaims[] }) => void
  /** Signs these tokens with a key that is not in the set. */
  readonly strangers?: readonly string[]
}

/** Plays NVIDIA's Remote Attestation Service. */
export interface DevNras {
  /** The key set, in JSON. */
  jwks(): Uint8Array
  /** A detached answer, in JSON. */
  attest(request: NrasRequest): Uint8Array
  /** The same service, keys included, with deviations; for tests. */
  attack(attack: NrasAttack): DevNras
}

const ISSUER = 'https://nras.attestation.nvidia.com'
const HOUR = 3600

/**
 * Creates a service that signs tokens in NVIDIA's format with ES384, whose key the seed decides. It
 * looks at no evidence: it says of devices what it is told.
 * @param seed 32 random bytes.
 */
export function createDevNras(seed: Uint8Array): DevNras {
  if (seed.length !== 32) throw new InvariantError('createDevNras: the seed has 32 bytes')
  return assemble(seed, {})
}

function assemble(seed: Uint8Array, attack: NrasAttack): DevNras {
  const key = deriveKey(seed, 'nvidia nras', 'p384')
  const stranger = deriveKey(seed, 'nvidia nras stranger', 'p384')
  const keyId = `nv-eat-kid-dev-${bytesToHex(deriveBytes(seed, 'nvidia nras key', 8))}`
  const sign = (token: string, claims: NrasClaims): string => {
    const header = { kid: keyId, alg: 'ES384' }
    attack.editHeader?.(token, header)
    attack.editClaims?.(token, claims)
    const signer = attack.strangers?.includes(token) === true ? stranger : key
    const text = writeToken(header, claims, signer)
    return attack.editToken?.(token, text) ?? text
  }
  return {
    jwks: () => {
      const keys = { keys: [describeKey(keyId, key, certify(seed, key))] }
      attack.editKeys?.(keys)
      return utf8(JSON.stringify(keys))
    },
    attest: (request) => {
      const result = JSON.stringify(answer(request, sign))
      return utf8(attack.editResult?.(result) ?? result)
    },
    attack: (further) => assemble(seed, { ...attack, ...further }),
  }
}

function answer(
  { nonce, now, devices }: NrasRequest,
  sign: (token: string, claims: NrasClaims) => string,
): unknown {
  const common = {
    iss: ISSUER,
    eat_nonce: bytesToHex(nonce),
    nbf: now,
    iat: now,
    exp: now + HOUR,
  }
  const tokens = Object.entries(devices).map(([name, claims]): [string, string] => [
    name,
    sign(name, { ...goodDevice(name), ...common, jti: name, ...claims }),
  ])
  const submods = tokens.map(([name, text]) => [
    name,
    ['DIGEST', ['SHA-256', bytesToHex(sha256(utf8(text)))]],
  ])
  const overall = {
    sub: 'NVIDIA-PLATFORM-ATTESTATION',
    'x-nvidia-ver': '3.0',
    'x-nvidia-overall-att-result': true,
    submods: Object.fromEntries(submods),
    ...common,
    jti: 'overall',
  }
  return [['JWT', sign('overall', overall)], Object.fromEntries(tokens)]
}

/** Claims of version 3.0 about a device that is as it should be. */
function goodDevice(name: string): NrasClaims {
  const kind = name.startsWith('GPU') ? 'gpu' : 'switch'
  const chain = {
    'x-nvidia-cert-expiration-date': '9999-12-31T23:59:59',
    'x-nvidia-cert-status': 'valid',
    'x-nvidia-cert-ocsp-status': 'good',
    'x-nvidia-cert-revocation-reason': null,
  }
  const versions =
    kind === 'gpu'
      ? {
          'x-nvidia-gpu-driver-version': '550.144.03',
          'x-nvidia-gpu-vbios-version': '96.00.9F.00.01',
        }
      : { 'x-nvidia-switch-bios-version': '96.10.55.00.01' }
  return {
    measres: 'success',
    secboot: true,
    dbgstat: 'disabled',
    hwmodel: kind === 'gpu' ? 'GH100 A01 GSP BROM' : 'LS_10',
    ueid: '490457405999046854973671575630853621547794591064',
    oemid: '5703',
    ...versions,
    [`x-nvidia-${kind}-arch-check`]: true,
    [`x-nvidia-${kind}-attestation-report-nonce-match`]: true,
    [`x-nvidia-${kind}-attestation-report-signature-verified`]: true,
    [`x-nvidia-${kind}-attestation-report-cert-chain`]: chain,
    'x-nvidia-attestation-warning': null,
  }
}

function writeToken(header: NrasClaims, claims: NrasClaims, key: PlatformKey): string {
  const message = `${toBase64Url(utf8(JSON.stringify(header)))}.${toBase64Url(utf8(JSON.stringify(claims)))}`
  return `${message}.${toBase64Url(key.sign(utf8(message)))}`
}

/** A certificate of the key by itself. */
function certify(seed: Uint8Array, key: PlatformKey): Uint8Array {
  const commonName = 'Tacit Development NRAS'
  const serial = deriveBytes(seed, 'serial nvidia nras', 16)
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  const spec = {
    commonName,
    serial,
    notBefore: Date.UTC(2020, 0, 1) / 1000,
    notAfter: Date.UTC(2049, 11, 31, 23, 59, 59) / 1000,
    publicKey: key.publicKey,
    isCa: false,
    pathLength: undefined,
    keyUsage: LEAF_USAGE,
    extensions: [],
  }
  return issueCertificate(spec, commonName, key)
}

function describeKey(kid: string, { publicKey }: PlatformKey, certificate: Uint8Array): NrasClaims {
  return {
    kty: 'EC',
    use: 'sig',
    crv: 'P-384',
    alg: 'ES384',
    kid,
    x: toBase64Url(publicKey.subarray(0, 48)),
    y: toBase64Url(publicKey.subarray(48)),
    x5c: [Buffer.from(certificate).toString('base64')],
  }
}

function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
