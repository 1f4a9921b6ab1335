import { err, ok, parseBase64, utf8, type Result } from '@tacit/base'
import { canonicalize } from './canonical-xml.ts'
import type { SignatureProblem } from './errors.ts'
import { attributeOf, isElement, XML_NAMESPACE, type XmlElement, type XmlNode } from './xml-tree.ts'

/** A signature over a whole document, with nothing decided about it yet. */
export interface XmlSignature {
  /** What the signature covers: the canonical document without the signature itself. */
  readonly content: Uint8Array
  /** SHA-384 of the content as the signer saw it, 48 bytes. */
  readonly digest: Uint8Array
  /** What the signer signed: the canonical SignedInfo. */
  readonly message: Uint8Array
  /** r||s, 96 bytes. */
  readonly signature: Uint8Array
  /** DER as it comes, signer first. */
  readonly certificates: readonly Uint8Array[]
}

class SignatureFault {
  readonly problem: SignatureProblem
  constructor(reason: SignatureProblem['reason'], element: string) {
    this.problem = { reason, element }
  }
}

const DSIG = 'http://www.w3.org/2000/09/xmldsig#'
const CANONICAL_XML = 'http://www.w3.org/2006/12/xml-c14n11'
const ENVELOPED = `${DSIG}enveloped-signature`
const ECDSA_SHA384 = 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384'
const SHA384 = 'http://www.w3.org/2001/04/xmldsig-more#sha384'

/**
 * Reads the signature of a document in the one form in which NVIDIA signs manifests: the root's
 * last child, one reference to the whole document, enveloped signature, Canonical XML 1.1,
 * ECDSA with SHA-384, the signer's chain. What is no part of that form is refused, since everything
 * that signature wrapping moves things with is such a part.
 * Source: XML Signature Syntax and Processing 1.1, sections 4 and 6; signed manifests.
 */
export function readXmlSignature(root: XmlElement): Result<XmlSignature, SignatureProblem> {
  try {
    return ok(readSignature(root))
  } catch (fault) {
    if (!(fault instanceof SignatureFault)) throw fault
    return err(fault.problem)
  }
}

function readSignature(root: XmlElement): XmlSignature {
  const signature = findSignature(root)
  expectAttributes(signature, [])
  const [signedInfo, value, keyInfo] = childrenOf(signature, [
    'SignedInfo',
    'SignatureValue',
    'KeyInfo',
  ])
  expectAttributes(value, [])
  const digest = readSignedInfo(signedInfo)
  const certificates = readCertificates(keyInfo)
  if (attributeOf(root, 'base', XML_NAMESPACE) !== undefined) fail('base_unsupported', root)
  return {
    content: canonicalize(root, [], signature),
    digest,
    message: canonicalize(signedInfo, [root, signature]),
    signature: readBytes(value, 96),
    certificates,
  }
}

function findSignature(root: XmlElement): XmlElement {
  const signature = root.children.findLast(isElement)
  const [found] = listDsig(root)
  if (found === undefined) return fail('signature_missing', root)
  if (signature !== found || found.local !== 'Signature') return fail('signature_misplaced', found)
  return listDsig(root).length === 1 ? found : fail('signature_repeated', found)
}

/** The outermost elements of the signature namespace, wherever they stand. */
function listDsig(element: XmlElement): readonly XmlElement[] {
  if (element.namespace === DSIG) return [element]
  return element.children.filter(isElement).flatMap(listDsig)
}

function readSignedInfo(signedInfo: XmlElement): Uint8Array {
  expectAttributes(signedInfo, [])
  const [canonicalization, method, reference] = childrenOf(signedInfo, [
    'CanonicalizationMethod',
    'SignatureMethod',
    'Reference',
  ])
  expectAlgorithm(canonicalization, CANONICAL_XML)
  expectAlgorithm(method, ECDSA_SHA384)
  expectAttributes(reference, ['URI'])
  if (attributeOf(reference, 'URI') !== '') fail('reference_unsupported', reference)
  const [transforms, digestMethod, digestValue] = childrenOf(reference, [
    'Transforms',
    'DigestMethod',
    'DigestValue',
  ])
  expectTransforms(transforms)
  expectAlgorithm(digestMethod, SHA384)
  expectAttributes(digestValue, [])
  return readBytes(digestValue, 48)
}

function expectTransforms(transforms: XmlElement): void {
  expectAttributes(transforms, [])
  for (const [index, transform] of childrenOf(transforms, ['Transform', 'Transform']).entries()) {
    const wanted = index === 0 ? ENVELOPED : CANONICAL_XML
    expectAlgorithm(transform, wanted, 'transform_unsupported')
  }
}

function readCertificates(keyInfo: XmlElement): readonly Uint8Array[] {
  expectAttributes(keyInfo, [])
  const [data] = childrenOf(keyInfo, ['X509Data'])
  expectAttributes(data, [])
  const elements = listChildren(data)
  if (elements.length === 0) fail('elements_unexpected', data)
  return elements.map((element) => {
    if (!isDsig(element, 'X509Certificate')) fail('elements_unexpected', data)
    expectAttributes(element, [])
    return readBytes(element)
  })
}

function expectAlgorithm(
  element: XmlElement,
  algorithm: string,
  reason: SignatureProblem['reason'] = 'algorithm_unsupported',
): void {
  expectAttributes(element, ['Algorithm'])
  if (attributeOf(element, 'Algorithm') !== algorithm) fail(reason, element)
  if (element.children.length > 0) fail('content_unexpected', element)
}

/** The element has these attributes and no others. */
function expectAttributes(element: XmlElement, names: readonly string[]): void {
  const isExpected =
    element.attributes.length === names.length &&
    names.every((name) => attributeOf(element, name) !== undefined)
  if (!isExpected) fail('attributes_unexpected', element)
}

/** The element's children are these, in this order, and nothing else but white space. */
function childrenOf<const Names extends readonly string[]>(
  parent: XmlElement,
  names: Names,
): { readonly [Index in keyof Names]: XmlElement } {
  const elements = listChildren(parent)
  const isExpected =
    elements.length === names.length &&
    elements.every((element, index) => isDsig(element, names[index]))
  if (!isExpected) fail('elements_unexpected', parent)
  return elements as unknown as { readonly [Index in keyof Names]: XmlElement }
}

function listChildren(parent: XmlElement): readonly XmlElement[] {
  const elements = parent.children.filter(isElement)
  const isOther = (node: XmlNode): boolean =>
    !isElement(node) && (node === null || !/^[ \t\n]*$/.test(node))
  return parent.children.some(isOther) ? fail('content_unexpected', parent) : elements
}

function isDsig({ namespace, local }: XmlElement, name: string | undefined): boolean {
  return namespace === DSIG && local === name
}

/** Base64 as the element's only content; XML Schema lets white space stand anywhere in it. */
function readBytes(element: XmlElement, length?: number): Uint8Array {
  const [text] = element.children
  if (typeof text !== 'string' || element.children.length > 1)
    return fail('content_unexpected', element)
  const bytes = parseBase64(utf8(text.replaceAll(/[ \t\n]/g, '')))
  if (bytes === undefined) return fail('base64_invalid', element)
  return length === undefined || bytes.length === length ? bytes : fail('length_invalid', element)
}

function fail(reason: SignatureProblem['reason'], { local }: XmlElement): never {
  throw new SignatureFault(reason, local)
}
