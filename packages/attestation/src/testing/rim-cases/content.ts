import type { RimError } from '../../nvidia/rim/errors.ts'
import type { RimCase } from './case.ts'

/** Content that is signed as it is. */
export const CONTENT_CASES: readonly RimCase[] = [
  content(
    'another root element',
    (xml) => xml.replaceAll('SoftwareIdentity', 'SoftwareIdentitY'),
    'element_unexpected',
    'SoftwareIdentitY',
  ),
  content(
    'no identifier',
    (xml) => xml.replace(/ tagId="[^"]*"/, ''),
    'attribute_missing',
    'tagId',
  ),
  content(
    'an identifier of another form',
    (xml) => xml.replace(/tagId="./, 'tagId="X'),
    'value_invalid',
    'tagId',
  ),
  content(
    'another manufacturer',
    (xml) => xml.replace('name="NVIDIA Corporation"', 'name="Nvidia"'),
    'value_invalid',
    'Entity/name',
  ),
  content(
    'two manufacturers',
    (xml) => xml.replace(/<ns0:Entity.*<\/ns0:Entity>/, '$&$&'),
    'element_repeated',
    'Entity',
  ),
  content(
    'no metadata',
    (xml) => xml.replace(/ *<ns0:Meta.*<\/ns0:Meta>\n/, ''),
    'element_missing',
    'Meta',
  ),
  content(
    'no version',
    (xml) => xml.replace(/ colloquialVersion="[^"]*"/, ''),
    'attribute_missing',
    'Meta/colloquialVersion',
  ),
  content(
    'a version of neither kind',
    (xml) => xml.replace(/colloquialVersion="[^"]*"/, 'colloquialVersion="550"'),
    'value_invalid',
    'Meta/colloquialVersion',
  ),
  content(
    'an unknown edition',
    (xml) => xml.replace('edition="GPU"', 'edition="DPU"'),
    'value_invalid',
    'Meta/edition',
  ),
  content(
    'a product of another form',
    (xml) => xml.replace('product="GH100"', 'product="gh100"'),
    'value_invalid',
    'Meta/product',
  ),
  content(
    'no payload',
    (xml) => xml.replaceAll('ns0:Payload', 'ns0:Evidence'),
    'element_missing',
    'Payload',
  ),
  content(
    'two payloads',
    (xml) => xml.replace('    <ns0:Payload', '<ns0:Payload></ns0:Payload>$&'),
    'element_repeated',
    'Payload',
  ),
  content(
    'a payload of another namespace',
    (xml) => xml.replace(/<ns0:Payload /, `<ns0:Payload xmlns:ns0="urn:other" `),
    'element_missing',
    'Payload',
  ),
  content(
    'an empty payload',
    (xml) => xml.replaceAll(/<ns0:Resource.*<\/ns0:Resource>\n/g, ''),
    'element_missing',
    'Payload/Resource',
  ),
  content(
    'another element in the payload',
    (xml) => xml.replaceAll('ns0:Resource', 'ns0:File'),
    'element_unexpected',
    'Payload/File[0]',
  ),
  content(
    'a measurement of another namespace',
    (xml) => xml.replace('<ns0:Resource ', '<ns0:Resource xmlns:ns0="urn:other" '),
    'element_unexpected',
    'Payload/Resource[0]',
  ),
  content(
    'a resource of another type',
    (xml) => xml.replace('type="Measurement"', 'type="Firmware"'),
    'element_unexpected',
    'Payload/Resource[0]',
  ),
  content(
    'a measurement within a measurement',
    (xml) => xml.replace(/(<ns0:Resource[^>]*>)/, '$1<ns0:Resource></ns0:Resource>'),
    'element_unexpected',
    'Payload/Resource[0]',
  ),
  content(
    'an index twice',
    (xml) => xml.replace('index="1"', 'index="0"'),
    'index_repeated',
    'Payload/Resource[1]/index',
  ),
  content(
    'an index beyond the blocks',
    (xml) => xml.replace('index="63"', 'index="64"'),
    'value_invalid',
    'Payload/Resource[63]/index',
  ),
  content(
    'an index beyond all',
    (xml) => xml.replace('index="63"', 'index="70000"'),
    'value_invalid',
    'Payload/Resource[63]/index',
  ),
  content(
    'a negative index',
    (xml) => xml.replace('index="0"', 'index="-1"'),
    'value_invalid',
    'Payload/Resource[0]/index',
  ),
  content(
    'an index with a leading zero',
    (xml) => xml.replace('index="7"', 'index="07"'),
    'value_invalid',
    'Payload/Resource[7]/index',
  ),
  content(
    'no index',
    (xml) => xml.replace(' index="3"', ''),
    'attribute_missing',
    'Payload/Resource[3]/index',
  ),
  content(
    'neither active nor inactive',
    (xml) => xml.replace('active="False" ', ''),
    'attribute_missing',
    'Payload/Resource[0]/active',
  ),
  content(
    'active in another spelling',
    (xml) => xml.replace('active="True"', 'active="true"'),
    'value_invalid',
    'Payload/Resource[7]/active',
  ),
  content(
    'no name',
    (xml) => xml.replace(' name="Measurement_2"', ''),
    'attribute_missing',
    'Payload/Resource[2]/name',
  ),
  content(
    'a size of another digest',
    (xml) => xml.replace('size="48"', 'size="32"'),
    'value_invalid',
    'Payload/Resource[0]/size',
  ),
  content(
    'no alternatives',
    (xml) => xml.replace('alternatives="1"', 'alternatives="0"'),
    'value_invalid',
    'Payload/Resource[0]/alternatives',
  ),
  content(
    'fewer digests than alternatives',
    (xml) => xml.replace('alternatives="1"', 'alternatives="2"'),
    'value_invalid',
    'Payload/Resource[0]/alternatives',
  ),
  content(
    'more digests than alternatives',
    (xml) => xml.replace('alternatives="2"', 'alternatives="1"'),
    'value_invalid',
    'Payload/Resource[8]/alternatives',
  ),
  content(
    'a digest of another number',
    (xml) => xml.replace('ns2:Hash0', 'ns2:Hash1'),
    'attribute_missing',
    'Payload/Resource[0]/Hash0',
  ),
  content(
    'a digest of another namespace',
    (xml) => xml.replace('ns2:Hash0', 'ns0:Hash0'),
    'value_invalid',
    'Payload/Resource[0]/alternatives',
  ),
  content(
    'a short digest',
    (xml) => xml.replace(/ns2:Hash0="../, 'ns2:Hash0="'),
    'value_invalid',
    'Payload/Resource[0]/Hash0',
  ),
  content(
    'a digest that is no hex',
    (xml) => xml.replace(/ns2:Hash0="../, 'ns2:Hash0="0x'),
    'value_invalid',
    'Payload/Resource[0]/Hash0',
  ),
  content(
    'a floor without a number',
    (xml) => xml.replace(/ ns3:minSvn="[^"]*"/, ''),
    'attribute_missing',
    'Payload/Resource[64]/minSvn',
  ),
  content(
    'a floor beyond 64 bits',
    (xml) => xml.replace(/ns3:minSvn="[^"]*"/, 'ns3:minSvn="18446744073709551616"'),
    'value_invalid',
    'Payload/Resource[64]/minSvn',
  ),
  content(
    'a floor that is no number',
    (xml) => xml.replace(/ns3:minSvn="[^"]*"/, 'ns3:minSvn="1.5"'),
    'value_invalid',
    'Payload/Resource[64]/minSvn',
  ),
]

function content(
  name: string,
  edit: (xml: string) => string,
  reason: Extract<RimError, { code: 'rim_malformed' }>['reason'],
  path: string,
): RimCase {
  return { name, attack: { editContent: edit }, expected: { code: 'rim_malformed', reason, path } }
}
