import { unwrap, utf8 } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { canonicalize } from './canonical-xml.ts'
import { readXml } from './xml-reader.ts'
import { isElement, type XmlElement } from './xml-tree.ts'

function read(text: string): XmlElement {
  return unwrap(readXml(utf8(text)))
}

function canonical(text: string): string {
  return new TextDecoder().decode(canonicalize(read(text)))
}

/** The canonical form of the element at the end of a path of local names. */
function canonicalAt(text: string, ...path: readonly string[]): string {
  const ancestors: XmlElement[] = []
  let element = read(text)
  for (const local of path) {
    ancestors.push(element)
    const found = element.children.filter(isElement).find((child) => child.local === local)
    if (found === undefined) throw new Error(`no ${local}`)
    element = found
  }
  return new TextDecoder().decode(canonicalize(element, ancestors))
}

/**
 * The examples of https://www.w3.org/TR/2008/REC-xml-c14n11-20080502/, section 3, less document
 * types and processing instructions, which are refused, and what these add.
 */
describe('examples of the recommendation', () => {
  test('3.1 comments outside of the document', () => {
    const text =
      '<?xml version="1.0"?>\n\n<doc>Hello, world!<!-- Comment 1 --></doc>\n\n<!-- Comment 2 -->\n\n<!-- Comment 3 -->'
    expect(canonical(text)).toBe('<doc>Hello, world!</doc>')
  })

  test('3.2 white space in document content', () => {
    const text = `<doc>
   <clean>   </clean>
   <dirty>   A   B   </dirty>
   <mixed>
      A
      <clean>   </clean>
      B
      <dirty>   A   B   </dirty>
      C
   </mixed>
</doc>`
    expect(canonical(text)).toBe(text)
  })

  test('3.3 start and end tags', () => {
    const text = `<doc>
   <e1   />
   <e2   ></e2>
   <e3   name = "elem3"   id="elem3"   />
   <e4   name="elem4"   id="elem4"   ></e4>
   <e5 a:attr="out" b:attr="sorted" attr2="all" attr="I'm"
      xmlns:b="http://www.ietf.org"
      xmlns:a="http://www.w3.org"
      xmlns="http://example.org"/>
   <e6 xmlns="" xmlns:a="http://www.w3.org">
      <e7 xmlns="http://www.ietf.org">
         <e8 xmlns="" xmlns:a="http://www.w3.org">
            <e9 xmlns="" xmlns:a="http://www.ietf.org"/>
         </e8>
      </e7>
   </e6>
</doc>`
    expect(canonical(text)).toBe(`<doc>
   <e1></e1>
   <e2></e2>
   <e3 id="elem3" name="elem3"></e3>
   <e4 id="elem4" name="elem4"></e4>
   <e5 xmlns="http://example.org" xmlns:a="http://www.w3.org" xmlns:b="http://www.ietf.org" attr="I'm" attr2="all" b:attr="sorted" a:attr="out"></e5>
   <e6 xmlns:a="http://www.w3.org">
      <e7 xmlns="http://www.ietf.org">
         <e8 xmlns="">
            <e9 xmlns:a="http://www.ietf.org"></e9>
         </e8>
      </e7>
   </e6>
</doc>`)
  })

  test('3.4 character modifications and references', () => {
    const text = `<doc>
   <text>First line&#x0d;&#10;Second line</text>
   <value>&#x32;</value>
   <compute><![CDATA[value>"0" && value<"10" ?"valid":"error"]]></compute>
   <compute expr='value>"0" &amp;&amp; value&lt;"10" ?"valid":"error"'>valid</compute>
   <norm attr=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/>
</doc>`
    expect(canonical(text)).toBe(`<doc>
   <text>First line&#xD;
Second line</text>
   <value>2</value>
   <compute>value&gt;"0" &amp;&amp; value&lt;"10" ?"valid":"error"</compute>
   <compute expr="value>&quot;0&quot; &amp;&amp; value&lt;&quot;10&quot; ?&quot;valid&quot;:&quot;error&quot;">valid</compute>
   <norm attr=" '    &#xD;&#xA;&#x9;   ' "></norm>
</doc>`)
  })

  test('3.6 UTF-8', () => {
    expect(canonical('<doc>&#169;</doc>')).toBe('<doc>©</doc>')
  })

  test('3.8 xml:lang and xml:space reach an element whose ancestors are left out, xml:id does not', () => {
    const text =
      '<doc xmlns="http://www.ietf.org" xmlns:w3c="http://www.w3.org"><e1 xml:lang="en" xml:space="preserve" xml:id="x"><e2 xmlns=""><e3 id="E3" xml:space="default"><e4/></e3></e2></e1></doc>'
    expect(canonicalAt(text, 'e1', 'e2', 'e3')).toBe(
      '<e3 xmlns:w3c="http://www.w3.org" id="E3" xml:lang="en" xml:space="default"><e4></e4></e3>',
    )
  })
})

test('the nearest ancestor is the one whose xml:lang counts', () => {
  const text = '<a xml:lang="en"><b xml:lang="de"><c/></b></a>'
  expect(canonicalAt(text, 'b', 'c')).toBe('<c xml:lang="de"></c>')
})

test('an element brings the namespaces that it inherits, whether it uses them or not', () => {
  const text =
    '<a xmlns="urn:1" xmlns:p="urn:2" xmlns:q="urn:3"><b xmlns:q="urn:4" xmlns:a="urn:5"><q:c/></b></a>'
  expect(canonicalAt(text, 'b')).toBe(
    '<b xmlns="urn:1" xmlns:a="urn:5" xmlns:p="urn:2" xmlns:q="urn:4"><q:c></q:c></b>',
  )
  expect(canonicalAt(text, 'b', 'c')).toBe(
    '<q:c xmlns="urn:1" xmlns:a="urn:5" xmlns:p="urn:2" xmlns:q="urn:4"></q:c>',
  )
})

test('a binding that is there already is not written again', () => {
  const text =
    '<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:1"><p:c xmlns:p="urn:2"><p:d xmlns:p="urn:1"/></p:c></p:b></p:a>'
  expect(canonical(text)).toBe(
    '<p:a xmlns:p="urn:1"><p:b><p:c xmlns:p="urn:2"><p:d xmlns:p="urn:1"></p:d></p:c></p:b></p:a>',
  )
})

test('an element can be left out, with all that is in it and nothing around it', () => {
  const root = read('<a> <b>x<c/></b>\n<d/></a>')
  const [left] = root.children.filter(isElement)
  expect(new TextDecoder().decode(canonicalize(root, [], left))).toBe('<a> \n<d></d></a>')
})
