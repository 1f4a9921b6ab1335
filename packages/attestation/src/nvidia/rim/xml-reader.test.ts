import { concatBytes, unwrap, utf8 } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { cpuMs } from '../../testing/cpu-ms.ts'
import type { XmlProblem } from './xml-input.ts'
import { readXml } from './xml-reader.ts'
import { attributeOf, XML_NAMESPACE } from './xml-tree.ts'

function read(text: string): ReturnType<typeof readXml> {
  return readXml(utf8(text))
}

test('elements, attributes, text and comments come as they stand', () => {
  const text =
    '<?xml version="1.0" encoding="utf-8"?>\n<!-- a --><a b="1" c=\'2\'>x<d/><!-- e -->y</a>\n'
  expect(unwrap(read(text))).toEqual({
    prefix: '',
    local: 'a',
    namespace: '',
    attributes: [
      { prefix: '', local: 'b', namespace: '', value: '1' },
      { prefix: '', local: 'c', namespace: '', value: '2' },
    ],
    scope: new Map(),
    children: [
      'x',
      { prefix: '', local: 'd', namespace: '', attributes: [], scope: new Map(), children: [] },
      null,
      'y',
    ],
  })
})

test('a byte order mark is passed over', () => {
  expect(unwrap(read('\u{feff}<a/>')).local).toBe('a')
})

test('line ends become one, in text and in values white space', () => {
  const root = unwrap(read('<a b="1\r\n2\t3\r4">x\r\ny\rz\n</a>'))
  expect(attributeOf(root, 'b')).toBe('1 2 3 4')
  expect(root.children).toEqual(['x\ny\nz\n'])
})

test('references are resolved once, and what they spell is no markup', () => {
  const root = unwrap(read('<a b="&#9;&#xA;&quot;&apos;">&lt;&gt;&amp;lt;&#x1F600;&#169;&#13;</a>'))
  expect(attributeOf(root, 'b')).toBe('\t\n"\'')
  expect(root.children).toEqual(['<>&lt;\u{1f600}©\r'])
})

test('CDATA is text', () => {
  expect(unwrap(read('<a>x<![CDATA[<b>&amp;]]]]>y</a>')).children).toEqual(['x', '<b>&amp;]]', 'y'])
})

test('prefixes are bound from the element on that declares them, the default not for attributes', () => {
  const root = unwrap(
    read(
      '<a xmlns="urn:1" xmlns:p="urn:2" b="" p:b="" xml:lang="de"><c xmlns=""/><p:d xmlns:p="urn:3"/></a>',
    ),
  )
  expect(root.namespace).toBe('urn:1')
  expect(root.attributes.map(({ namespace }) => namespace)).toEqual(['', 'urn:2', XML_NAMESPACE])
  expect(root.children).toMatchObject([{ namespace: '' }, { namespace: 'urn:3' }])
})

const MALFORMED: readonly [string, XmlProblem['reason'], number][] = [
  ['', 'syntax_invalid', 0],
  [' ', 'syntax_invalid', 1],
  ['text', 'syntax_invalid', 0],
  ['<a>', 'syntax_invalid', 3],
  ['<a', 'syntax_invalid', 2],
  ['<a/', 'syntax_invalid', 2],
  ['< a/>', 'syntax_invalid', 0],
  ['<a></a', 'syntax_invalid', 3],
  ['<a></ a>', 'syntax_invalid', 3],
  ['<a/><b/>', 'syntax_invalid', 4],
  ['<a/>x', 'syntax_invalid', 4],
  ['<a/>&#32;', 'syntax_invalid', 4],
  ['<a>]]></a>', 'syntax_invalid', 3],
  ['<a><![CDATA[]]</a>', 'syntax_invalid', 3],
  ['<![CDATA[]]><a/>', 'syntax_invalid', 0],
  ['<!-- -- --><a/>', 'syntax_invalid', 0],
  ['<!-- --->', 'syntax_invalid', 0],
  ['<a><!--', 'syntax_invalid', 3],
  ['<a b/>', 'syntax_invalid', 2],
  ['<a b=1/>', 'syntax_invalid', 2],
  ['<a b="<"/>', 'syntax_invalid', 2],
  ['<a b="1\'/>', 'syntax_invalid', 2],
  ['<a b="1"c="2"/>', 'syntax_invalid', 8],
  ['<1/>', 'syntax_invalid', 0],
  ['<a:b:c xmlns:a="urn:1"/>', 'syntax_invalid', 4],
  ['<:a/>', 'syntax_invalid', 0],
  ['<ä/>', 'syntax_invalid', 0],
  ['<a></b>', 'tag_mismatch', 3],
  ['<p:a xmlns:p="urn:1" xmlns:q="urn:1"></q:a>', 'tag_mismatch', 37],
  ['<a b="" b=""/>', 'attribute_repeated', 7],
  ['<a xmlns:p="urn:1" xmlns:q="urn:1" p:b="" q:b=""/>', 'attribute_repeated', 41],
  ['<a xmlns="urn:1" xmlns="urn:1"/>', 'attribute_repeated', 16],
  ['<a xmlns:p="urn:1" xmlns:p="urn:2"/>', 'attribute_repeated', 18],
  ['<p:a/>', 'prefix_unbound', 0],
  ['<a p:b=""/>', 'prefix_unbound', 2],
  ['<a><p:b xmlns:p="urn:1"/><p:c/></a>', 'prefix_unbound', 25],
  ['<xmlns:a/>', 'prefix_unbound', 0],
  ['<xml:a/>', 'prefix_unbound', 0],
  ['<a xmlns:p=""/>', 'namespace_invalid', 2],
  ['<a xmlns:p="relative"/>', 'namespace_invalid', 2],
  ['<a xmlns="urn:1 2"/>', 'namespace_invalid', 2],
  ['<a xmlns="urn:ä"/>', 'namespace_invalid', 2],
  ['<a xmlns:xml="http://www.w3.org/XML/1998/namespace"/>', 'namespace_invalid', 2],
  ['<a xmlns:p="http://www.w3.org/XML/1998/namespace"/>', 'namespace_invalid', 2],
  ['<a xmlns:xmlns="urn:1"/>', 'namespace_invalid', 2],
  ['<a xmlns:p="http://www.w3.org/2000/xmlns/"/>', 'namespace_invalid', 2],
  ['<a>&nbsp;</a>', 'reference_unknown', 3],
  ['<a>&</a>', 'reference_unknown', 3],
  ['<a>&amp</a>', 'reference_unknown', 3],
  ['<a>&amp;&lt</a>', 'reference_unknown', 8],
  ['<a b="&x;"/>', 'reference_unknown', 6],
  ['<a>&#xg;</a>', 'reference_unknown', 3],
  ['<a>&#;</a>', 'reference_unknown', 3],
  ['<a>&#X20;</a>', 'reference_unknown', 3],
  ['<a>&#0;</a>', 'character_invalid', 3],
  ['<a>&#8;</a>', 'character_invalid', 3],
  ['<a>&#xD800;</a>', 'character_invalid', 3],
  ['<a>&#xFFFE;</a>', 'character_invalid', 3],
  ['<a>&#x110000;</a>', 'character_invalid', 3],
  ['<a>\0</a>', 'character_invalid', 3],
  ['<a>\u{b}</a>', 'character_invalid', 3],
  ['<a>\u{ffff}</a>', 'character_invalid', 3],
  ['<?xml version="1.1"?><a/>', 'declaration_invalid', 0],
  ['<?xml version="1.0" encoding="UTF-16"?><a/>', 'declaration_invalid', 0],
  ['<?xml version="1.0" encoding="ISO-8859-1"?><a/>', 'declaration_invalid', 0],
  ['<?xml encoding="UTF-8"?><a/>', 'declaration_invalid', 0],
  ['<?xml-stylesheet href="a"?><a/>', 'declaration_invalid', 0],
  [' <?xml version="1.0"?><a/>', 'instruction_forbidden', 1],
  ['<a><?b c?></a>', 'instruction_forbidden', 3],
  ['<a/><?b?>', 'syntax_invalid', 4],
  ['<!DOCTYPE a><a/>', 'doctype_forbidden', 0],
  ['<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', 'doctype_forbidden', 0],
  ['<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>', 'doctype_forbidden', 0],
  ['<a><!DOCTYPE b></a>', 'doctype_forbidden', 3],
]

test.each(MALFORMED)('%j is refused: %s', (text, reason, at) => {
  expect(read(text)).toEqual({ ok: false, error: { reason, at } })
})

test('bytes that are no UTF-8 are refused, UTF-16 and overlong forms included', () => {
  const bytes = [
    [0xff, 0xfe, 0x3c, 0],
    [0xc0, 0xbc],
    [0xed, 0xa0, 0x80],
    [0x3c, 0x61, 0x80],
  ]
  for (const wrong of bytes) {
    expect(readXml(Uint8Array.from(wrong))).toEqual({
      ok: false,
      error: { reason: 'not_utf8', at: 0 },
    })
  }
})

describe('bounds', () => {
  test.each([
    [
      'length',
      `<a>${' '.repeat(128 * 1024 - 7)}</a>`,
      `<a>${' '.repeat(128 * 1024 - 6)}</a>`,
      'too_long',
    ],
    [
      'depth',
      '<a>'.repeat(16) + '<b/>' + '</a>'.repeat(16),
      '<a>'.repeat(17) + '</a>'.repeat(17),
      'too_deep',
    ],
    ['elements', `<a>${'<b/>'.repeat(1023)}</a>`, `<a>${'<b/>'.repeat(1024)}</a>`, 'too_many'],
    ['attributes', many(4096), many(4097), 'too_many'],
    ['references', `<a>${'&lt;'.repeat(2048)}</a>`, `<a>${'&lt;'.repeat(2049)}</a>`, 'too_many'],
    ['namespaces', bindings(32), bindings(33), 'too_many'],
  ])('%s', (_, within, beyond, reason) => {
    expect(read(within).ok).toBe(true)
    expect(read(beyond)).toMatchObject({ ok: false, error: { reason } })
  })

  const filled = 120 * 1024
  test.each([
    ['open tags', '<a>'.repeat(filled / 3)],
    ['attributes', `<a${' b=""'.repeat(filled / 5)}/>`],
    ['white space in a tag', `<a${' '.repeat(filled)}`],
    ['white space before an equals sign', `<a b${' '.repeat(filled)}`],
    ['a long name', `<a ${'b'.repeat(filled)}`],
    ['a long prefix', `<${'b'.repeat(filled)}:`],
    ['an open value', `<a b="${'c'.repeat(filled)}`],
    ['references', `<a>${'&amp;'.repeat(filled / 5)}</a>`],
    ['ampersands', `<a>${'&'.repeat(filled)}</a>`],
    ['digits', `<a>&#${'1'.repeat(filled)};</a>`],
    ['dashes', `<!--${'-'.repeat(filled)}`],
    ['comments', `<a>${'<!---->'.repeat(filled / 7)}</a>`],
    ['CDATA', `<a>${'<![CDATA[]]>'.repeat(filled / 12)}</a>`],
    ['brackets', `<a>${']]'.repeat(filled / 2)}</a>`],
    ['namespaces', `<a>${'<b xmlns:c="urn:1" xmlns:d="urn:2"/>'.repeat(1000)}</a>`],
  ])('%s cost no more than 50 ms', (_, text) => {
    const bytes = utf8(text)
    expect(cpuMs(() => readXml(bytes))).toBeLessThan(50)
  })

  test('64 MB behind the document are not read', () => {
    const bytes = concatBytes(utf8('<a/>'), new Uint8Array(64 * 1024 * 1024))
    const result = readXml(bytes)
    expect(result).toEqual({ ok: false, error: { reason: 'too_long', at: 0 } })
    expect(cpuMs(() => readXml(bytes))).toBeLessThan(1)
  })
})

function many(count: number): string {
  const each = Array.from({ length: 32 }, (_, at) => ` a${at}=""`).join('')
  const full = `<b${each}/>`.repeat(Math.floor(count / 32))
  return `<a>${full}${count % 32 === 0 ? '' : '<b c=""/>'}</a>`
}

function bindings(count: number): string {
  return `<a${Array.from({ length: count }, (_, at) => ` xmlns:p${at}="urn:${at}"`).join('')}/>`
}
