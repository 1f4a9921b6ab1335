import { utf8 } from '@tacit/base'
import {
  isElement,
  XML_NAMESPACE,
  type XmlAttribute,
  type XmlElement,
  type XmlScope,
} from './xml-tree.ts'

const NOTHING: XmlScope = new Map()
/** What an element takes from ancestors that are left out: xml:id never, xml:base is for the caller. */
const INHERITED = ['lang', 'space']

/**
 * The canonical form of an element with all that is in it, less one element where one is named:
 * Canonical XML 1.1, inclusive, without comments.
 * Source: https://www.w3.org/TR/2008/REC-xml-c14n11-20080502/
 * @param ancestors from the root to the parent, none for the root itself; they give the element
 *   their namespaces, xml:lang and xml:space. None has xml:base, whose joining is not done here.
 */
export function canonicalize(
  element: XmlElement,
  ancestors: readonly XmlElement[] = [],
  without?: XmlElement,
): Uint8Array {
  const parts: string[] = []
  const inherited = ancestors
    .flatMap(({ attributes }) => attributes.filter(isInherited))
    .toReversed()
  const attributes = [...element.attributes]
  for (const attribute of inherited) {
    if (!attributes.some((own) => isSame(own, attribute))) attributes.push(attribute)
  }
  write(parts, { ...element, attributes }, NOTHING, without)
  return utf8(parts.join(''))
}

function write(
  parts: string[],
  element: XmlElement,
  outer: XmlScope,
  without: XmlElement | undefined,
): void {
  const { prefix, local, scope, children } = element
  const name = qualified(prefix, local)
  parts.push('<', name)
  if (scope !== outer) writeDeclarations(parts, scope, outer)
  for (const { prefix, local, value } of element.attributes.toSorted(compareAttributes)) {
    parts.push(' ', qualified(prefix, local), '="', escapeValue(value), '"')
  }
  parts.push('>')
  for (const child of children) {
    if (typeof child === 'string') parts.push(escapeText(child))
    else if (isElement(child) && child !== without) write(parts, child, scope, without)
  }
  parts.push('</', name, '>')
}

/** The bindings that the output does not have yet, in the order of their prefixes. */
function writeDeclarations(parts: string[], scope: XmlScope, outer: XmlScope): void {
  const fresh = [...scope].filter(([prefix, uri]) => (outer.get(prefix) ?? '') !== uri)
  for (const [prefix, uri] of fresh.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    parts.push(prefix === '' ? ' xmlns="' : ` xmlns:${prefix}="`, escapeValue(uri), '"')
  }
}

/** By namespace, none first, then by name; both are ASCII. */
function compareAttributes(a: XmlAttribute, b: XmlAttribute): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1
  return a.local < b.local ? -1 : 1
}

function isInherited({ namespace, local }: XmlAttribute): boolean {
  return namespace === XML_NAMESPACE && INHERITED.includes(local)
}

function isSame(a: XmlAttribute, b: XmlAttribute): boolean {
  return a.namespace === b.namespace && a.local === b.local
}

function qualified(prefix: string, local: string): string {
  return prefix === '' ? local : `${prefix}:${local}`
}

function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#xD;')
}

function escapeValue(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\t', '&#x9;')
    .replaceAll('\n', '&#xA;')
    .replaceAll('\r', '&#xD;')
}
