import { unwrap, utf8 } from '@tacit/base'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalize } from './canonical-xml.ts'
import { readXml } from './xml-reader.ts'

const name = fc.constantFrom('a', 'b', 'p:a', 'q:b', 'long-name.1')
const text = fc.string({
  unit: fc.constantFrom('x', ' ', '\n', '\t', '&amp;', '&#13;', '&gt;', 'é', '\u{1f600}'),
})
const attribute = fc.tuple(
  fc.constantFrom('c', 'd', 'p:c', 'q:d', 'xml:lang', 'xmlns', 'xmlns:p', 'xmlns:q'),
  fc.constantFrom('urn:1', 'urn:2', 'urn:3'),
)
const { element } = fc.letrec<{ element: string; node: string }>((tie) => ({
  element: fc
    .tuple(
      name,
      fc.uniqueArray(attribute, { maxLength: 3, selector: ([key]) => key }),
      fc.array(tie('node'), { maxLength: 3 }),
    )
    .map(([tag, attributes, children]) => {
      const written = attributes.map(([key, value]) => ` ${key}="${value}"`).join('')
      return `<${tag}${written}>${children.join('')}</${tag}>`
    }),
  node: fc.oneof(
    { maxDepth: 5 },
    text,
    fc.constantFrom('<!-- c -->', '<![CDATA[<>&]]>'),
    tie('element'),
  ),
}))
const document = element.map((inner) => `<p:r xmlns:p="urn:4" xmlns:q="urn:5">${inner}</p:r>`)

test('the canonical form of a canonical form is itself, and says the same', () => {
  const property = fc.property(document, (xml) => {
    const read = readXml(utf8(xml))
    // Two prefixes of one namespace can make two attributes of one name.
    if (!read.ok) return expect(read.error.reason).toBe('attribute_repeated')
    const once = canonicalize(read.value)
    expect(canonicalize(unwrap(readXml(once)))).toEqual(once)
  })
  fc.assert(property, { numRuns: 500 })
})

const MARKUP = [
  '<',
  '>',
  '</',
  '/>',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?',
  '&',
  '#x',
  ';',
  '=',
  '"',
  "'",
  ' ',
  'a',
  ':',
  '\n',
  'xmlns',
]

test('no bytes are an exception', () => {
  const markup = fc.string({ unit: fc.constantFrom(...MARKUP) })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), markup.map(utf8)), (bytes) => void readXml(bytes)),
    {
      numRuns: 2000,
    },
  )
})
