import { err, ok, parseHex, type Result } from '@tacit/base'
import type { GoldenMeasurements, GoldenValue } from '../golden.ts'
import type { SwidProblem } from './errors.ts'
import { attributeOf, isElement, type XmlElement } from './xml-tree.ts'

/** What a manifest says; whether it is NVIDIA's is for its signature to say. */
export interface RimContent extends GoldenMeasurements {
  readonly device: 'gpu' | 'switch'
  /** By index from 0, active or not, such as `HashedMeasurement_38_GSP`. */
  readonly names: ReadonlyMap<number, string>
  /** Floors for numbers in a report's opaque data; no published manifest has any yet. */
  readonly minimumSvns: readonly MinimumSvn[]
}

/** An active reference value that is compared as a number. */
export interface MinimumSvn {
  /** The type of the opaque data's entry. */
  readonly fieldType: number
  readonly name: string
  readonly minimum: bigint
}

class SwidFault {
  readonly problem: SwidProblem
  constructor(reason: SwidProblem['reason'], path: string) {
    this.problem = { reason, path }
  }
}

const SWID = 'http://standards.iso.org/iso/19770/-2/2015/schema.xsd'
const SHA384 = 'http://www.w3.org/2001/04/xmlenc#sha384'
const OPAQUE = 'https://docs.nvidia.com/attestation/specs/latest/opaque-data.html'
const MANUFACTURER = 'NVIDIA Corporation'
const DIGEST_BYTES = 48
const MAX_RESOURCES = 512
const MAX_ALTERNATIVES = 64
/** Measurement blocks of SPDM. */
const MAX_INDEX = 63
/** Where the types of opaque data begin. */
const OPAQUE_INDEX = 0x1000
const MAX_FIELD_TYPE = 0xffff
const MAX_SVN = 2n ** 64n - 1n
const VBIOS_VERSION = /^[0-9A-Fa-f]{2}(?:\.[0-9A-Fa-f]{2}){4}$/
const DRIVER_VERSION = /^[0-9]{1,4}(?:\.[0-9]{1,4}){1,3}$/

/**
 * Reads a reference integrity manifest: a SWID tag with one payload of measurements.
 * Sources: TCG Reference Integrity Manifest Information Model 1.01; ISO/IEC 19770-2:2015; published
 * manifests; NVIDIA's "Opaque Data RIM Attributes" for numbers from index 0x1000 on.
 */
export function readSwid(root: XmlElement): Result<RimContent, SwidProblem> {
  try {
    return ok(readTag(root))
  } catch (fault) {
    if (!(fault instanceof SwidFault)) throw fault
    return err(fault.problem)
  }
}

function readTag(root: XmlElement): RimContent {
  if (!isSwid(root, 'SoftwareIdentity')) fail('element_unexpected', root.local)
  const id = textOf(root, 'tagId', '', /^[0-9a-f]{96}$/)
  const entity = onlyChild(root, 'Entity')
  if (textOf(entity, 'name', 'Entity/') !== MANUFACTURER) fail('value_invalid', 'Entity/name')
  const meta = onlyChild(root, 'Meta')
  const version = textOf(meta, 'colloquialVersion', 'Meta/')
  const edition = textOf(meta, 'edition', 'Meta/', /^(?:GPU|SWITCH)$/)
  const product = textOf(meta, 'product', 'Meta/', /^[A-Z0-9]{1,16}$/)
  return {
    id,
    kind: kindOf(version),
    version,
    product,
    device: edition === 'GPU' ? 'gpu' : 'switch',
    ...readPayload(onlyChild(root, 'Payload')),
  }
}

/** Nothing in the document says which it is but the form of its version. */
function kindOf(version: string): RimContent['kind'] {
  if (VBIOS_VERSION.test(version)) return 'vbios'
  return DRIVER_VERSION.test(version) ? 'driver' : fail('value_invalid', 'Meta/colloquialVersion')
}

function readPayload(payload: XmlElement): Pick<RimContent, 'values' | 'names' | 'minimumSvns'> {
  const values = new Map<number, GoldenValue>()
  const names = new Map<number, string>()
  const minimumSvns: MinimumSvn[] = []
  const seen = new Set<number>()
  for (const [at, resource] of payload.children.filter(isElement).entries()) {
    const path = `Payload/Resource[${at}]/`
    const isMeasurement =
      isSwid(resource, 'Resource') && attributeOf(resource, 'type') === 'Measurement'
    const isExpected = isMeasurement && resource.children.length === 0 && at < MAX_RESOURCES
    if (!isExpected) fail('element_unexpected', `Payload/${resource.local}[${at}]`)
    const index = integerOf(resource, 'index', path, OPAQUE_INDEX + MAX_FIELD_TYPE)
    if (seen.has(index)) fail('index_repeated', `${path}index`)
    seen.add(index)
    const isActive = textOf(resource, 'active', path, /^(?:True|False)$/) === 'True'
    const name = textOf(resource, 'name', path)
    if (index <= MAX_INDEX) {
      values.set(index, { alternatives: readAlternatives(resource, path), active: isActive })
      names.set(index, name)
    } else if (index < OPAQUE_INDEX) fail('value_invalid', `${path}index`)
    else if (isActive)
      minimumSvns.push({
        fieldType: index - OPAQUE_INDEX,
        name,
        minimum: readMinimum(resource, path),
      })
  }
  return values.size === 0
    ? fail('element_missing', 'Payload/Resource')
    : { values, names, minimumSvns }
}

/** Hash0 to Hash(n-1), and no further one. */
function readAlternatives(resource: XmlElement, path: string): readonly Uint8Array[] {
  if (integerOf(resource, 'size', path, DIGEST_BYTES) !== DIGEST_BYTES)
    fail('value_invalid', `${path}size`)
  const count = integerOf(resource, 'alternatives', path, MAX_ALTERNATIVES)
  const hashes = resource.attributes.filter(({ namespace }) => namespace === SHA384)
  if (count === 0 || hashes.length !== count) fail('value_invalid', `${path}alternatives`)
  return Array.from({ length: count }, (_, at) => {
    const name = `Hash${at}`
    const hex = attributeOf(resource, name, SHA384) ?? fail('attribute_missing', `${path}${name}`)
    const bytes = parseHex(hex)
    if (!bytes.ok || hex.length !== 2 * DIGEST_BYTES || hex.startsWith('0x'))
      fail('value_invalid', `${path}${name}`)
    return bytes.value
  })
}

function readMinimum(resource: XmlElement, path: string): bigint {
  const text = attributeOf(resource, 'minSvn', OPAQUE) ?? fail('attribute_missing', `${path}minSvn`)
  const minimum = /^(?:0|[1-9][0-9]{0,19})$/.test(text) ? BigInt(text) : MAX_SVN + 1n
  return minimum > MAX_SVN ? fail('value_invalid', `${path}minSvn`) : minimum
}

/** The root's one child of that name. */
function onlyChild(root: XmlElement, local: string): XmlElement {
  const [found, second] = root.children.filter((child) => isElement(child) && isSwid(child, local))
  if (second !== undefined) fail('element_repeated', local)
  return found !== undefined && found !== null && isElement(found)
    ? found
    : fail('element_missing', local)
}

function isSwid({ namespace, local }: XmlElement, name: string): boolean {
  return namespace === SWID && local === name
}

function textOf(
  element: XmlElement,
  name: string,
  path: string,
  form: RegExp = /^[ -~]{1,128}$/,
): string {
  const text = attributeOf(element, name) ?? fail('attribute_missing', `${path}${name}`)
  return form.test(text) ? text : fail('value_invalid', `${path}${name}`)
}

/** A whole number from 0 to max, in its shortest form. */
function integerOf(element: XmlElement, name: string, path: string, max: number): number {
  const value = Number(textOf(element, name, path, /^(?:0|[1-9][0-9]{0,5})$/))
  return value <= max ? value : fail('value_invalid', `${path}${name}`)
}

function fail(reason: SwidProblem['reason'], path: string): never {
  throw new SwidFault(reason, path)
}
