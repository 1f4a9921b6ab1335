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

export class XmlFault {
  readonly problem: XmlProblem
  constructor(reason: XmlProblem['reason'], at: number) {
    this.problem = { reason, at }
  }
}

/** A document on the way through the reader. */
export interface XmlInput {
  readonly text: string
  at: number
  elements: number
  attributes: number
  references: number
}

const MAX_REFERENCES = 2048
/** What no document may hold. */
export const FORBIDDEN: RegExp = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u
const REFERENCE = /&(?:#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}))|(amp|lt|gt|quot|apos));/y
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}

/** Resolves the references of a piece of text that begins at a place. */
export function decode(input: XmlInput, raw: string, at: number): string {
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
  input: XmlInput,
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
export function match(input: XmlInput, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = input.at
  const found = pattern.exec(input.text)
  if (found === null) return undefined
  input.at = pattern.lastIndex
  return found
}

export function fail(input: XmlInput, reason: XmlProblem['reason'], at: number = input.at): never {
  throw new XmlFault(reason, at)
}
