import { err, ok, parseUtf8, type Result } from '@tacit/base'
import {
  XML_NAMESPACE,
  type XmlAttribute,
  type XmlElement,
  type XmlNode,
  type XmlScope,
} from './xml-tree.ts'

/** What is wrong with a document, and at which character; line ends count as one. */
export interface XmlProblem {
  readonly reason:
    | 'too_long'
    | 'too_deep'
    /** Elements, attributes, references or namespaces in scope. */
    | 'too_many'
    | 'not_utf8'
    /** A control character or a code point that is none. */
    | 'character_invalid'
    /** Another version than 1.0 or another encoding than UTF-8. */
    | 'declaration_invalid'
    /** No document type, hence no entities, is ever read. */
    | 'doctype_forbidden'
    | 'instruction_forbidden'
    | 'reference_unknown'
    /** Not well formed in another way. */
    | 'syntax_invalid'
    | 'tag_mismatch'
    | 'attribute_repeated'
    /** A reserved prefix or namespace, or a name that is no absolute URI. */
    | 'namespace_invalid'
    | 'prefix_unbound'
  readonly at: number
}

class XmlFault {
  readonly problem: XmlProblem
  constructor(reason: XmlProblem['reason'], at: number) {
    this.problem = { reason, at }
  }
}

/** Escapes can make the canonical form six times as long, which with the tree stays within 4 MB. */
export const MAX_XML_BYTES: number = 256 * 1024
const MAX_DEPTH = 16
const MAX_ELEMENTS = 2048
const MAX_ATTRIBUTES = 8192
const MAX_REFERENCES = 4096
const MAX_SCOPE = 32
const XMLNS_NAMESPACE = 'http://www.w3.org/2000/xmlns/'

const NAME = '[A-Za-z_][A-Za-z0-9._-]*'
const QUALIFIED = `(?:(${NAME}):)?(${NAME})`
const BLANK = '[ \\t\\n]'
const START_TAG = new RegExp(`<${QUALIFIED}`, 'y')
const ATTRIBUTE = new RegExp(`${BLANK}+${QUALIFIED}${BLANK}*=${BLANK}*("[^<"]*"|'[^<']*')`, 'y')
const START_TAG_END = new RegExp(`${BLANK}*(/?)>`, 'y')
const END_TAG = new RegExp(`</${QUALIFIED}${BLANK}*>`, 'y')
const DECLARATION = new RegExp(
  `<\\?xml${BLANK}+version=(["'])1\\.0\\1(?:${BLANK}+encoding=(["'])[Uu][Tt][Ff]-8\\2)?` +
    `(?:${BLANK}+standalone=(["'])(?:yes|no)\\3)?${BLANK}*\\?>`,
  'y',
)
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u
const REFERENCE = /&(?:#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}))|(amp|lt|gt|quot|apos));/y
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}
const ABSOLUTE_URI = /^[A-Za-z][A-Za-z0-9+.-]*:[!-~]+$/

/**
 * Reads an XML 1.0 document with namespaces, in time linear in its length: UTF-8 of at most
 * 256 KiB, ASCII names, elements nested at most 16 deep, the five predefined entities. There are
 * no document types and no processing instructions.
 * Sources: XML 1.0, fifth edition; Namespaces in XML 1.0, third edition.
 */
export function readXml(bytes: Uint8Array): Result<XmlElement, XmlProblem> {
  if (bytes.length > MAX_XML_BYTES) return err({ reason: 'too_long', at: 0 })
  const text = parseUtf8(bytes)
  if (text === undefined) return err({ reason: 'not_utf8', at: 0 })
  const forbidden = text.search(FORBIDDEN)
  if (forbidden >= 0) return err({ reason: 'character_invalid', at: forbidden })
  try {
    return ok(
      readDocument({
        text: text.replaceAll(/\r\n?/g, '\n'),
        at: 0,
        elements: 0,
        attributes: 0,
        references: 0,
      }),
    )
  } catch (fault) {
    if (!(fault instanceof XmlFault)) throw fault
    return err(fault.problem)
  }
}

interface Input {
  readonly text: string
  at: number
  elements: number
  attributes: number
  references: number
}

interface OpenElement extends XmlElement {
  readonly children: XmlNode[]
}

function readDocument(input: Input): XmlElement {
  if (input.text.startsWith('\u{feff}')) input.at++
  if (input.text.startsWith('<?xml', input.at) && match(input, DECLARATION) === undefined) {
    fail(input, 'declaration_invalid')
  }
  skipMisc(input)
  const root = readTree(input)
  skipMisc(input)
  return input.at === input.text.length ? root : fail(input, 'syntax_invalid')
}

/** White space and comments around the root. */
function skipMisc(input: Input): void {
  for (;;) {
    while (isBlank(input.text.charCodeAt(input.at))) input.at++
    if (!input.text.startsWith('<!--', input.at)) break
    readComment(input)
  }
}

function readTree(input: Input): XmlElement {
  const { element: root, isEmpty } = readStartTag(input, new Map())
  const open: OpenElement[] = isEmpty ? [] : [root]
  for (let parent = open.at(-1); parent !== undefined; parent = open.at(-1)) {
    const { text, at } = input
    if (text[at] !== '<') parent.children.push(readText(input))
    else if (text[at + 1] === '/') {
      readEndTag(input, parent)
      open.pop()
    } else if (text.startsWith('<!--', at)) {
      readComment(input)
      parent.children.push(null)
    } else if (text.startsWith('<![CDATA[', at)) parent.children.push(readCdata(input))
    else {
      const { element, isEmpty } = readStartTag(input, parent.scope)
      parent.children.push(element)
      if (!isEmpty && open.push(element) > MAX_DEPTH) fail(input, 'too_deep')
    }
  }
  return root
}

function readStartTag(
  input: Input,
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

function failMarkup(input: Input): never {
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
  input: Input,
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
  input: Input,
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

function readEndTag(input: Input, { prefix, local }: XmlElement): void {
  const { at } = input
  const name = match(input, END_TAG) ?? fail(input, 'syntax_invalid')
  if ((name[1] ?? '') !== prefix || name[2] !== local) fail(input, 'tag_mismatch', at)
}

function readText(input: Input): string {
  const { at } = input
  const end = input.text.indexOf('<', at)
  if (end < 0) fail(input, 'syntax_invalid', input.text.length)
  const raw = input.text.slice(at, end)
  if (raw.includes(']]>')) fail(input, 'syntax_invalid')
  input.at = end
  return decode(input, raw, at)
}

function readCdata(input: Input): string {
  const from = input.at + '<![CDATA['.length
  const end = input.text.indexOf(']]>', from)
  if (end < 0) fail(input, 'syntax_invalid')
  input.at = end + ']]>'.length
  return input.text.slice(from, end)
}

function readComment(input: Input): void {
  const from = input.at + '<!--'.length
  const end = input.text.indexOf('--', from)
  if (end < 0 || input.text[end + 2] !== '>') fail(input, 'syntax_invalid')
  input.at = end + '-->'.length
}

/** Resolves the references of a piece of text that begins at a place. */
function decode(input: Input, raw: string, at: number): string {
  let next = raw.indexOf('&')
  if (next < 0) return raw
  const parts: string[] = []
  let done = 0
  for (; next >= 0; next = raw.indexOf('&', done)) {
    if (++input.references > MAX_REFERENCES) fail(input, 'too_many', at + next)
    REFERENCE.lastIndex = next
    const [, hex, decimal, entity] =
      REFERENCE.exec(raw) ?? fail(input, 'reference_unknown', at + next)
    parts.push(raw.slice(done, next))
    parts.push(
      entity === undefined ? spell(input, hex, decimal, at + next) : (ENTITIES[entity] ?? ''),
    )
    done = REFERENCE.lastIndex
  }
  parts.push(raw.slice(done))
  return parts.join('')
}

function spell(
  input: Input,
  hex: string | undefined,
  decimal: string | undefined,
  at: number,
): string {
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
  if (code > 0x10_ffff) fail(input, 'character_invalid', at)
  const character = String.fromCodePoint(code)
  return FORBIDDEN.test(character) ? fail(input, 'character_invalid', at) : character
}

/** Matches at the current place and moves behind the match. */
function match(input: Input, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = input.at
  const found = pattern.exec(input.text)
  if (found === null) return undefined
  input.at = pattern.lastIndex
  return found
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09
}

function fail(input: Input, reason: XmlProblem['reason'], at: number = input.at): never {
  throw new XmlFault(reason, at)
}
