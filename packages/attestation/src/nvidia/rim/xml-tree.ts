/** The prefixes that are bound at an element, `''` for the default; `xml` is left out. */
export type XmlScope = ReadonlyMap<string, string>

/** An attribute that is no namespace declaration; without a prefix it is in no namespace (`''`). */
export interface XmlAttribute {
  readonly prefix: string
  readonly local: string
  readonly namespace: string
  /** Normalised, with references resolved. */
  readonly value: string
}

/** Text with references resolved, or an element, or null for a comment, whose text is not kept. */
export type XmlNode = XmlElement | string | null

/** An element with all that its canonical form needs. */
export interface XmlElement {
  readonly prefix: string
  readonly local: string
  readonly namespace: string
  /** In document order, namespace declarations left out. */
  readonly attributes: readonly XmlAttribute[]
  /** The parent's own object where the element declares nothing. */
  readonly scope: XmlScope
  readonly children: readonly XmlNode[]
}

/** What the prefix `xml` is always bound to. */
export const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace'

export function isElement(node: XmlNode): node is XmlElement {
  return typeof node === 'object' && node !== null
}

/** The value of an attribute of that name; no namespace where none is given. */
export function attributeOf(
  element: XmlElement,
  local: string,
  namespace = '',
): string | undefined {
  return element.attributes.find((one) => one.local === local && one.namespace === namespace)?.value
}
