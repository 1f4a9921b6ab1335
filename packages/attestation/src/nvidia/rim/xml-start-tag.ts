import { decode, fail, match, type XmlInput } from './xml-input.ts'
import {
  XML_NAMESPACE,
  type XmlAttribute,
  type XmlElement,
  type XmlNode,
  type XmlScope,
} from './xml-tree.ts'

/** An element whose content is still to come. */
export interface OpenElement extends XmlElement {
  readonly children: XmlNode[]
}

const MAX_ELEMENTS = 1024
const MAX_ATTRIBUTES = 4096
const MAX_SCOPE = 32
const XMLNS_NAMESPACE = 'http://www.w3.org/2000/xmlns/'
const NAME = '[A-Za-z_][A-Za-z0-9._-]*'
/** A name with or without a prefix, which are its groups. */
export const QUALIFIED: string = `(?:(${NAME}):)?(${NAME})`
export const BLANK: string = '[ \\t\\n]'
const START_TAG = new RegExp(`<${QUALIFIED}`, 'y')
const ATTRIBUTE = new RegExp(`${BLANK}+${QUALIFIED}${BLANK}*=${BLANK}*("[^<"]*"|'[^<']*')`, 'y')
const START_TAG_END = new RegExp(`${BLANK}*(/?)>`, 'y')
const ABSOLUTE_URI = /^[A-Za-z][A-Za-z0-9+.-]*:[!-~]+$/

/** Reads a start tag or the tag of an empty element, which nothing follows. */
export function readStartTag(
  input: XmlInput,
  inherited: XmlScope,
): { readonly element: OpenElement; readonly isEmpty: boolean } {
  const start = input.at
  const name = match(input, START_TAG) ?? failMarkup(input)
  if (++input.elements > MAX_ELEMENTS) fail(input, 'too_many')
  const [, prefix = '', local = ''] = name
  const { scope, plain } = readAttributes(input, inherited)
  const end = match(input, START_TAG_END) ?? fail(input, 'syntax_invalid')
  const namespace = scope.get(prefix) ?? (prefix === '' ? '' : fail(input, 'prefix_unbound', start))
  const attributes = resolve(input, plain, scope)
  return {
    element: { prefix, local, namespace, attributes, scope, children: [] },
    isEmpty: end[1] === '/',
  }
}

function failMarkup(input: XmlInput): never {
  const { text, at } = input
  if (text.startsWith('<!DOCTYPE', at)) fail(input, 'doctype_forbidden')
  return fail(input, text.startsWith('<?', at) ? 'instruction_forbidden' : 'syntax_invalid')
}

interface PlainAttribute {
  readonly prefix: string
  readonly local: string
  readonly value: string
  readonly at: number
}

/** Splits attributes from namespace declarations, which bind prefixes from this element on. */
function readAttributes(
  input: XmlInput,
  inherited: XmlScope,
): { readonly scope: XmlScope; readonly plain: readonly PlainAttribute[] } {
  const plain: PlainAttribute[] = []
  const declared = new Map<string, string>()
  for (;;) {
    const { at } = input
    const found = match(input, ATTRIBUTE)
    if (found === undefined) break
    if (++input.attributes > MAX_ATTRIBUTES) fail(input, 'too_many', at)
    const [, prefix = '', local = '', quoted = ''] = found
    const raw = quoted.slice(1, -1).replaceAll(/[\t\n]/g, ' ')
    const value = decode(input, raw, input.at - 1 - raw.length)
    if (prefix !== 'xmlns' && (prefix !== '' || local !== 'xmlns')) {
      plain.push({ prefix, local, value, at })
      continue
    }
    const bound = prefix === '' ? '' : local
    if (declared.has(bound)) fail(input, 'attribute_repeated', at)
    if (!isBindable(bound, value)) fail(input, 'namespace_invalid', at)
    declared.set(bound, value)
  }
  if (declared.size === 0) return { scope: inherited, plain }
  const scope = new Map([...inherited, ...declared])
  return scope.size > MAX_SCOPE ? fail(input, 'too_many') : { scope, plain }
}

function isBindable(prefix: string, uri: string): boolean {
  if (prefix === 'xml' || prefix === 'xmlns') return false
  if (uri === XML_NAMESPACE || uri === XMLNS_NAMESPACE) return false
  return uri === '' ? prefix === '' : ABSOLUTE_URI.test(uri)
}

function resolve(
  input: XmlInput,
  plain: readonly PlainAttribute[],
  scope: XmlScope,
): readonly XmlAttribute[] {
  const seen = new Set<string>()
  return plain.map(({ prefix, local, value, at }) => {
    const namespace = namespaceOf(prefix, scope) ?? fail(input, 'prefix_unbound', at)
    const name = `${namespace} ${local}`
    if (seen.has(name)) fail(input, 'attribute_repeated', at)
    seen.add(name)
    return { prefix, local, namespace, value }
  })
}

/** The default namespace is not for attributes. */
function namespaceOf(prefix: string, scope: XmlScope): string | undefined {
  if (prefix === '') return ''
  return prefix === 'xml' ? XML_NAMESPACE : scope.get(prefix)
}
