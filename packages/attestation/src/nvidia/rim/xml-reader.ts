import { err, ok, parseUtf8, type Result } from '@tacit/base'
import {
  decode,
  fail,
  FORBIDDEN,
  match,
  XmlFault,
  type XmlInput,
  type XmlProblem,
} from './xml-input.ts'
import { BLANK, QUALIFIED, readStartTag, type OpenElement } from './xml-start-tag.ts'
import type { XmlElement } from './xml-tree.ts'

/** Five times what NVIDIA publishes; with tree and canonical form it takes at most 4 MB. */
export const MAX_XML_BYTES: number = 128 * 1024
const MAX_DEPTH = 16
const END_TAG = new RegExp(`</${QUALIFIED}${BLANK}*>`, 'y')
const DECLARATION = new RegExp(
  `<\\?xml${BLANK}+version=(["'])1\\.0\\1(?:${BLANK}+encoding=(["'])[Uu][Tt][Ff]-8\\2)?` +
    `(?:${BLANK}+standalone=(["'])(?:yes|no)\\3)?${BLANK}*\\?>`,
  'y',
)

/**
 * Reads an XML 1.0 document with namespaces, in time linear in its length: UTF-8 of at most
 * 128 KiB, ASCII names, elements nested at most 16 deep, the five predefined entities. There are
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

function readDocument(input: XmlInput): XmlElement {
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
function skipMisc(input: XmlInput): void {
  for (;;) {
    while (isBlank(input.text.charCodeAt(input.at))) input.at++
    if (!input.text.startsWith('<!--', input.at)) break
    readComment(input)
  }
}

function readTree(input: XmlInput): XmlElement {
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

function readEndTag(input: XmlInput, { prefix, local }: XmlElement): void {
  const { at } = input
  const name = match(input, END_TAG) ?? fail(input, 'syntax_invalid')
  if ((name[1] ?? '') !== prefix || name[2] !== local) fail(input, 'tag_mismatch', at)
}

function readText(input: XmlInput): string {
  const { at } = input
  const end = input.text.indexOf('<', at)
  if (end < 0) fail(input, 'syntax_invalid', input.text.length)
  const raw = input.text.slice(at, end)
  if (raw.includes(']]>')) fail(input, 'syntax_invalid')
  input.at = end
  return decode(input, raw, at)
}

function readCdata(input: XmlInput): string {
  const from = input.at + '<![CDATA['.length
  const end = input.text.indexOf(']]>', from)
  if (end < 0) fail(input, 'syntax_invalid')
  input.at = end + ']]>'.length
  return input.text.slice(from, end)
}

function readComment(input: XmlInput): void {
  const from = input.at + '<!--'.length
  const end = input.text.indexOf('--', from)
  if (end < 0 || input.text[end + 2] !== '>') fail(input, 'syntax_invalid')
  input.at = end + '-->'.length
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09
}
