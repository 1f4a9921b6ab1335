import { bytesToHex } from '@tacit/base'
import { sha384 } from '../keys.ts'

/** What a manifest says about one driver or VBIOS. */
export interface RimSpec {
  /** A driver's such as `550.144.03`, a VBIOS's such as `96.00.5E.00.01`. */
  readonly version: string
  /** `GH100` where not given. */
  readonly product?: string
  /** `gpu` where not given. */
  readonly device?: 'gpu' | 'switch'
  /** How many indices the manifest speaks of; 64 where not given. */
  readonly indices?: number
  /** Accepted digests of 48 bytes by index from 0; the other indices are inactive. */
  readonly values: ReadonlyMap<number, readonly Uint8Array[]>
  /** Floors by type of opaque data. */
  readonly minimumSvns?: ReadonlyMap<number, bigint>
}

const SWID = 'http://standards.iso.org/iso/19770/-2/2015/schema.xsd'
const SHA384 = 'http://www.w3.org/2001/04/xmlenc#sha384'
const RIM =
  'https://trustedcomputinggroup.org/resource/tcg-reference-integrity-manifest-rim-information-model/'
const OPAQUE = 'https://docs.nvidia.com/attestation/specs/latest/opaque-data.html'
const OPAQUE_INDEX = 0x1000

/** The namespaces of the root element, in canonical order with `ds` left out. */
export const ROOT_NAMESPACES: Readonly<Record<string, string>> = {
  '': SWID,
  ns0: SWID,
  ns2: SHA384,
  ns3: OPAQUE,
}

/**
 * Writes a manifest without its signature as NVIDIA does, but in canonical form from the start:
 * sorted attributes, end tags everywhere. The signature goes before the root's end tag.
 */
export function writeRimDocument(spec: RimSpec): string {
  const {
    version,
    product = 'GH100',
    device = 'gpu',
    minimumSvns = new Map<number, bigint>(),
  } = spec
  const tagId = bytesToHex(sha384(new TextEncoder().encode(`${product} ${device} ${version}`)))
  const resources = [
    ...Array.from({ length: spec.indices ?? 64 }, (_, index) =>
      measurement(index, spec.values.get(index)),
    ),
    ...Array.from(minimumSvns, ([type, minimum]) => floor(type, minimum)),
  ]
  const meta = {
    PayloadType: 'direct',
    colloquialVersion: version,
    edition: device.toUpperCase(),
    product,
    revision: 'r1',
    'ns1:BindingSpec': 'RIMIM',
    'ns1:BindingSpecVersion': '1.01',
    'ns1:FirmwareManufacturer': 'NVIDIA Corporation',
    'ns1:FirmwareManufacturerId': '5703',
    'ns1:PlatformManufacturerId': '5703',
    'ns1:PlatformManufacturerStr': 'NVIDIA Corporation',
    'ns1:PlatformModel': product,
  }
  const tag = {
    corpus: 'false',
    name: product,
    patch: 'false',
    supplemental: 'false',
    tagId,
    tagVersion: '0',
    version: '1.0',
  }
  return [
    `<SoftwareIdentity${namespaces(ROOT_NAMESPACES)}${attributes(tag)}>`,
    `    <ns0:Entity${attributes({ name: 'NVIDIA Corporation', role: 'softwareCreator tagCreator' })}></ns0:Entity>`,
    `    <ns0:Meta${namespaces({ ns1: RIM })}${attributes(meta)}></ns0:Meta>`,
    `    <ns0:Payload${namespaces({ SHA384 })}>`,
    ...resources.map((attributes) => `        <ns0:Resource${attributes}></ns0:Resource>`),
    '    </ns0:Payload>',
    '</SoftwareIdentity>',
  ].join('\n')
}

function measurement(index: number, digests: readonly Uint8Array[] = []): string {
  const isActive = digests.length > 0
  const alternatives = isActive ? digests : [new Uint8Array(48)]
  return attributes({
    active: isActive ? 'True' : 'False',
    alternatives: String(alternatives.length),
    index: String(index),
    name: `Measurement_${index}`,
    size: '48',
    type: 'Measurement',
    ...Object.fromEntries(alternatives.map((digest, at) => [`ns2:Hash${at}`, bytesToHex(digest)])),
  })
}

function floor(type: number, minimum: bigint): string {
  const index = String(OPAQUE_INDEX + type)
  const name = `OpaqueData_${type}`
  return attributes({
    active: 'True',
    index,
    name,
    type: 'Measurement',
    'ns3:minSvn': String(minimum),
  })
}

/** Declarations of prefixes, `''` for the default namespace. */
export function namespaces(bindings: Readonly<Record<string, string>>): string {
  const written = Object.entries(bindings).map(([prefix, uri]) =>
    prefix === '' ? ` xmlns="${uri}"` : ` xmlns:${prefix}="${uri}"`,
  )
  return written.join('')
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${value}"`)
    .join('')
}
