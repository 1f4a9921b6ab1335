import { bytesToHex, InvariantError, utf8 } from '@tacit/base'
import { CA_USAGE, issueCertificate, LEAF_USAGE, type CertificateSpec } from '../certificates.ts'
import type { DevRoot } from '../intel/types.ts'
import { deriveBytes, deriveKey, sha256, sha384, type PlatformKey } from '../keys.ts'
import { issueOcsp, type OcspOptions } from './ocsp-writer.ts'
import { namespaces, ROOT_NAMESPACES, writeRimDocument, type RimSpec } from './rim-document.ts'

/** The certificates of a manifest's chain by role. */
export type DevRimRole = 'root' | 'rim_product_ca' | 'rim_issuing_ca' | 'rim_signer'

/** Deviations from an honest manifest, under the authority's own keys. */
export interface RimAttack {
  readonly certificates?: Partial<Readonly<Record<DevRimRole, Partial<CertificateSpec>>>>
  /** Signs a certificate or the document with another role's key; the named issuer stays. */
  readonly signers?: Partial<Readonly<Record<DevRimRole | 'document', DevRimRole>>>
  /** The chain beside the signature; signer to root where not given. */
  readonly chain?: readonly DevRimRole[]
  /** Changes the document before its digest is taken; what comes back must be canonical. */
  readonly editContent?: (xml: string) => string
  /** Changes SignedInfo, `<ds:SignedInfo>` included, before it is signed; likewise. */
  readonly editSignedInfo?: (xml: string) => string
  /** Changes the whole document after it was signed. */
  readonly editDocument?: (xml: string) => string
}

/** Plays NVIDIA's signers of reference integrity manifests under a root of its own. */
export interface DevRimAuthority {
  readonly root: DevRoot
  /** A signed manifest in UTF-8. */
  writeRim(spec: RimSpec): Uint8Array
  /** An OCSP response, DER, about a certificate of the chain; now in Unix seconds. */
  ocsp(role: Exclude<DevRimRole, 'root'>, now: number, options?: OcspOptions): Uint8Array
  /** The same authority, keys included, with deviations; for tests. */
  attack(attack: RimAttack): DevRimAuthority
}

const DSIG = 'http://www.w3.org/2000/09/xmldsig#'
const CANONICAL_XML = 'http://www.w3.org/2006/12/xml-c14n11'
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#'
const CERTIFICATES_FROM = Date.UTC(2020, 0, 1) / 1000
const CERTIFICATES_UNTIL = Date.UTC(2049, 11, 31, 23, 59, 59) / 1000
const ISSUERS: Readonly<Record<DevRimRole, DevRimRole>> = {
  root: 'root',
  rim_product_ca: 'root',
  rim_issuing_ca: 'rim_product_ca',
  rim_signer: 'rim_issuing_ca',
}
const CHAIN: readonly DevRimRole[] = ['rim_signer', 'rim_issuing_ca', 'rim_product_ca', 'root']

type ByRole<T> = Readonly<Record<DevRimRole, T>>

/**
 * Creates an authority for manifests in NVIDIA's format, on P-384, whose keys and root the seed
 * decides.
 * @param seed 32 random bytes.
 */
export function createDevRimAuthority(seed: Uint8Array): DevRimAuthority {
  if (seed.length !== 32) throw new InvariantError('createDevRimAuthority: the seed has 32 bytes')
  const key = (role: DevRimRole): PlatformKey => deriveKey(seed, `nvidia ${role}`, 'p384')
  return assemble(seed, byRole(key), {})
}

function assemble(seed: Uint8Array, keys: ByRole<PlatformKey>, attack: RimAttack): DevRimAuthority {
  const { certificates: changes = {}, signers = {} } = attack
  const specs = byRole((role) => ({ ...specify(seed, keys, role), ...changes[role] }))
  const certificates = byRole((role) => {
    const issuer = ISSUERS[role]
    return issueCertificate(specs[role], specs[issuer].commonName, keys[signers[role] ?? issuer])
  })
  const { root } = certificates
  const name = specs.root.commonName
  const signer = keys[signers.document ?? 'rim_signer']
  return {
    root: { name, vendor: 'nvidia', certificate: root, fingerprint: sha256(root) },
    writeRim: (spec) => utf8(sign(writeRimDocument(spec), certificates, signer, attack)),
    ocsp: (role, now, options = {}) => {
      const issuer = ISSUERS[role]
      const subject = {
        serial: specs[role].serial,
        issuerName: specs[issuer].commonName,
        issuer: keys[issuer],
        delegate: deriveKey(seed, `nvidia ocsp ${specs[issuer].commonName}`, 'p384'),
        now,
      }
      return issueOcsp(subject, options)
    },
    attack: (further) => assemble(seed, keys, { ...attack, ...further }),
  }
}

function specify(seed: Uint8Array, keys: ByRole<PlatformKey>, role: DevRimRole): CertificateSpec {
  const rootId = bytesToHex(sha256(keys.root.publicKey).subarray(0, 4))
  const names: ByRole<string> = {
    root: `Tacit Development RIM Root CA ${rootId}`,
    rim_product_ca: 'NVIDIA Reference Value GH100 CA',
    rim_issuing_ca: 'NVIDIA Reference Value L3 GH100 001',
    rim_signer: 'HCC RIM L4 Signer',
  }
  const isCa = role !== 'rim_signer'
  return {
    commonName: names[role],
    serial: serialNumber(seed, role),
    notBefore: CERTIFICATES_FROM,
    notAfter: CERTIFICATES_UNTIL,
    publicKey: keys[role].publicKey,
    isCa,
    pathLength: role === 'rim_issuing_ca' ? 0 : undefined,
    keyUsage: isCa ? CA_USAGE : LEAF_USAGE,
    extensions: [],
  }
}

/** 16 bytes, positive and never shortened. */
function serialNumber(seed: Uint8Array, role: DevRimRole): Uint8Array {
  const serial = deriveBytes(seed, `serial nvidia ${role}`, 16)
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  return serial
}

/** SignedInfo is signed with the namespaces that it inherits, which canonical form writes out. */
function sign(
  document: string,
  certificates: ByRole<Uint8Array>,
  signer: PlatformKey,
  attack: RimAttack,
): string {
  const { chain = CHAIN, editContent = same, editSignedInfo = same, editDocument = same } = attack
  const content = editContent(document)
  const signedInfo = editSignedInfo(writeSignedInfo(sha384(utf8(content))))
  const { '': base = '', ...prefixed } = ROOT_NAMESPACES
  const inherited = namespaces({ '': base, ds: DSIG, ...prefixed })
  const message = signedInfo.replace('<ds:SignedInfo', `<ds:SignedInfo${inherited}`)
  const value = toBase64(signer.sign(utf8(message)))
  const data = chain.map((role) => element('X509Certificate', toLines(certificates[role])))
  const signature = [
    `<ds:Signature xmlns:ds="${DSIG}">`,
    signedInfo,
    element('SignatureValue', value),
    element('KeyInfo', element('X509Data', ...data)),
    '</ds:Signature>',
  ].join('')
  const at = content.lastIndexOf('</')
  return editDocument(content.slice(0, at) + signature + content.slice(at))
}

function writeSignedInfo(digest: Uint8Array): string {
  return element(
    'SignedInfo',
    method('CanonicalizationMethod', CANONICAL_XML),
    method('SignatureMethod', `${MORE}ecdsa-sha384`),
    '<ds:Reference URI="">',
    element(
      'Transforms',
      method('Transform', `${DSIG}enveloped-signature`),
      method('Transform', CANONICAL_XML),
    ),
    method('DigestMethod', `${MORE}sha384`),
    element('DigestValue', toBase64(digest)),
    '</ds:Reference>',
  )
}

function element(name: string, ...content: readonly string[]): string {
  return `<ds:${name}>${content.join('')}</ds:${name}>`
}

function method(name: string, algorithm: string): string {
  return `<ds:${name} Algorithm="${algorithm}"></ds:${name}>`
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

/** As in PEM, 64 characters a line. */
function toLines(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll(/.{1,64}/g, '$&\n')
}

function byRole<T>(make: (role: DevRimRole) => T): ByRole<T> {
  return {
    root: make('root'),
    rim_product_ca: make('rim_product_ca'),
    rim_issuing_ca: make('rim_issuing_ca'),
    rim_signer: make('rim_signer'),
  }
}

function same(xml: string): string {
  return xml
}
