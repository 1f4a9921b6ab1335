import type { RimAttack, RimSpec } from '@tacit/platform-dev'
import type { RimError } from '../nvidia/rim/errors.ts'

/** A manifest that must be refused, and with what. */
export interface RimCase {
  readonly name: string
  readonly attack: RimAttack
  readonly spec?: Partial<RimSpec>
  readonly expected: Partial<RimError> & { readonly code: RimError['code'] }
}

const DSIG = 'http://www.w3.org/2000/09/xmldsig#'
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#'
const SIGNATURE = /<ds:Signature .*<\/ds:Signature>/s
const DAY = 86_400
const NOW = Date.UTC(2026, 5, 1) / 1000

/** Whoever moves a signature, its reference or the content around. */
const WRAPPING: readonly RimCase[] = [
  signed(
    'a reference to an identifier',
    (xml) => xml.replace('URI=""', 'URI="#x"'),
    'reference_unsupported',
    'Reference',
  ),
  signed(
    'a reference to another document',
    (xml) => xml.replace('URI=""', 'URI="https://example.org/rim"'),
    'reference_unsupported',
    'Reference',
  ),
  signed(
    'a reference by XPointer',
    (xml) => xml.replace('URI=""', 'URI="#xpointer(/)"'),
    'reference_unsupported',
    'Reference',
  ),
  signed(
    'a reference without a URI',
    (xml) => xml.replace(' URI=""', ''),
    'attributes_unexpected',
    'Reference',
  ),
  signed(
    'a reference with an identifier',
    (xml) => xml.replace('URI=""', 'Id="x" URI=""'),
    'attributes_unexpected',
    'Reference',
  ),
  signed(
    'a reference with a type',
    (xml) => xml.replace('URI=""', `Type="${DSIG}Object" URI=""`),
    'attributes_unexpected',
    'Reference',
  ),
  signed(
    'two references',
    (xml) => xml.replace(/<ds:Reference.*<\/ds:Reference>/, '$&$&'),
    'elements_unexpected',
    'SignedInfo',
  ),
  signed(
    'no reference',
    (xml) => xml.replace(/<ds:Reference.*<\/ds:Reference>/, ''),
    'elements_unexpected',
    'SignedInfo',
  ),
  signed(
    'a comment in the digest',
    (xml) => xml.replace('</ds:DigestValue>', '<!----></ds:DigestValue>'),
    'content_unexpected',
    'DigestValue',
  ),
  signed(
    'a digest in an element',
    (xml) =>
      xml.replace(
        /<ds:DigestValue>(.*)<\/ds:DigestValue>/,
        '<ds:DigestValue><ds:DigestValue>$1</ds:DigestValue></ds:DigestValue>',
      ),
    'content_unexpected',
    'DigestValue',
  ),
  signed(
    'an empty digest',
    (xml) => xml.replace(/<ds:DigestValue>[^<]*</, '<ds:DigestValue><'),
    'content_unexpected',
    'DigestValue',
  ),
  signed(
    'a digest of another length',
    (xml) => xml.replace(/<ds:DigestValue>.{4}/, '<ds:DigestValue>'),
    'length_invalid',
    'DigestValue',
  ),
  signed(
    'a digest in base64url',
    (xml) => xml.replace(/<ds:DigestValue>../, '<ds:DigestValue>-_'),
    'base64_invalid',
    'DigestValue',
  ),
  signed(
    'text between elements',
    (xml) => xml.replace('<ds:Reference', 'x<ds:Reference'),
    'content_unexpected',
    'SignedInfo',
  ),
  signed(
    'another element within SignedInfo',
    (xml) => xml.replace('</ds:SignedInfo>', '<ds:Object></ds:Object></ds:SignedInfo>'),
    'elements_unexpected',
    'SignedInfo',
  ),
  signed(
    'an identifier of SignedInfo',
    (xml) => xml.replace('<ds:SignedInfo', '<ds:SignedInfo Id="x"'),
    'attributes_unexpected',
    'SignedInfo',
  ),
  moved(
    'a second signature',
    (xml) => xml.replace(SIGNATURE, '$&$&'),
    'signature_misplaced',
    'Signature',
  ),
  moved(
    'a signature of another signature',
    (xml) =>
      xml.replace(
        '    <ns0:Payload',
        `<ds:Signature xmlns:ds="${DSIG}"></ds:Signature>\n    <ns0:Payload`,
      ),
    'signature_misplaced',
    'Signature',
  ),
  moved(
    'a signature within the payload',
    (xml) =>
      xml
        .replace(SIGNATURE, '')
        .replace('    </ns0:Payload>', `${SIGNATURE.exec(xml)?.[0] ?? ''}</ns0:Payload>`),
    'signature_misplaced',
    'Signature',
  ),
  moved(
    'a signature before the payload',
    (xml) =>
      xml
        .replace(SIGNATURE, '')
        .replace('    <ns0:Payload', `${SIGNATURE.exec(xml)?.[0] ?? ''}    <ns0:Payload`),
    'signature_misplaced',
    'Signature',
  ),
  moved(
    'SignedInfo moved out of the signature',
    (xml) =>
      xml
        .replace(SIGNATURE, '')
        .replace(
          '</SoftwareIdentity>',
          `${/<ds:SignedInfo.*<\/ds:SignedInfo>/.exec(xml)?.[0]?.replace('<ds:SignedInfo', `<ds:SignedInfo xmlns:ds="${DSIG}"`) ?? ''}</SoftwareIdentity>`,
        ),
    'signature_misplaced',
    'SignedInfo',
  ),
  moved(
    'no signature',
    (xml) => xml.replace(SIGNATURE, ''),
    'signature_missing',
    'SoftwareIdentity',
  ),
  moved('the manifest in a wrapper', (xml) => `<x>${xml}</x>`, 'signature_misplaced', 'Signature'),
  moved(
    'the signed manifest in an Object of the signature',
    (xml) =>
      xml.replace(
        '</ds:Signature>',
        '<ds:Object><SoftwareIdentity></SoftwareIdentity></ds:Object></ds:Signature>',
      ),
    'elements_unexpected',
    'Signature',
  ),
  moved(
    'an identifier of the signature',
    (xml) => xml.replace('<ds:Signature ', '<ds:Signature Id="x" '),
    'attributes_unexpected',
    'Signature',
  ),
  moved(
    'the prefix of signatures bound to another namespace',
    (xml) => xml.replace(`xmlns:ds="${DSIG}"`, 'xmlns:ds="urn:other"'),
    'signature_missing',
    'SoftwareIdentity',
  ),
  moved(
    'a part of the signature in another namespace',
    (xml) => xml.replaceAll('ds:DigestValue', 'ns0:DigestValue'),
    'elements_unexpected',
    'Reference',
  ),
  moved(
    'a certificate of another namespace',
    (xml) =>
      xml
        .replace('<ds:X509Certificate>', '<ns0:X509Certificate>')
        .replace('</ds:X509Certificate>', '</ns0:X509Certificate>'),
    'elements_unexpected',
    'X509Data',
  ),
  moved(
    'a key beside the certificates',
    (xml) => xml.replace('<ds:X509Data>', '<ds:KeyName>x</ds:KeyName><ds:X509Data>'),
    'elements_unexpected',
    'KeyInfo',
  ),
  moved(
    'a comment in the signature value',
    (xml) => xml.replace('<ds:SignatureValue>', '<ds:SignatureValue><!-- -->'),
    'content_unexpected',
    'SignatureValue',
  ),
  moved(
    'a comment between parts',
    (xml) => xml.replace('<ds:KeyInfo>', '<!-- --><ds:KeyInfo>'),
    'content_unexpected',
    'Signature',
  ),
  moved(
    'a signature of another length',
    (xml) => xml.replace(/<ds:SignatureValue>.{4}/, '<ds:SignatureValue>'),
    'length_invalid',
    'SignatureValue',
  ),
  moved(
    'no certificates',
    (xml) => xml.replaceAll(/<ds:X509Certificate>[^<]*<\/ds:X509Certificate>/g, ''),
    'elements_unexpected',
    'X509Data',
  ),
  moved(
    'xml:base at the root',
    (xml) => xml.replace(' corpus=', ' xml:base="https://example.org/" corpus='),
    'base_unsupported',
    'SoftwareIdentity',
  ),
]

const ALGORITHMS: readonly RimCase[] = [
  signed(
    'canonicalisation with comments',
    (xml) => xml.replace('xml-c14n11"', 'xml-c14n11#WithComments"'),
    'algorithm_unsupported',
    'CanonicalizationMethod',
  ),
  signed(
    'exclusive canonicalisation',
    (xml) =>
      xml.replace(
        'http://www.w3.org/2006/12/xml-c14n11',
        'http://www.w3.org/2001/10/xml-exc-c14n#',
      ),
    'algorithm_unsupported',
    'CanonicalizationMethod',
  ),
  signed(
    'canonicalisation with a parameter',
    (xml) => xml.replace('></ds:CanonicalizationMethod>', '>x</ds:CanonicalizationMethod>'),
    'content_unexpected',
    'CanonicalizationMethod',
  ),
  signed(
    'ECDSA with SHA-256',
    (xml) => xml.replace('ecdsa-sha384', 'ecdsa-sha256'),
    'algorithm_unsupported',
    'SignatureMethod',
  ),
  signed(
    'a message authentication code',
    (xml) => xml.replace(`${MORE}ecdsa-sha384`, `${MORE}hmac-sha384`),
    'algorithm_unsupported',
    'SignatureMethod',
  ),
  signed(
    'a digest by SHA-1',
    (xml) => xml.replace(`${MORE}sha384`, `${DSIG}sha1`),
    'algorithm_unsupported',
    'DigestMethod',
  ),
  signed(
    'a transform by XPath',
    (xml) =>
      xml.replace(`${DSIG}enveloped-signature`, 'http://www.w3.org/TR/1999/REC-xpath-19991116'),
    'transform_unsupported',
    'Transform',
  ),
  signed(
    'a transform by XSLT',
    (xml) =>
      xml.replace(
        /(<ds:Transform Algorithm=")[^"]*c14n11/,
        '$1http://www.w3.org/TR/1999/REC-xslt-19991116',
      ),
    'transform_unsupported',
    'Transform',
  ),
  signed(
    'transforms in another order',
    (xml) =>
      xml.replace(/(<ds:Transform .*?<\/ds:Transform>)(<ds:Transform .*?<\/ds:Transform>)/, '$2$1'),
    'transform_unsupported',
    'Transform',
  ),
  signed(
    'one transform',
    (xml) => xml.replace(/<ds:Transform [^>]*c14n11"><\/ds:Transform>/, ''),
    'elements_unexpected',
    'Transforms',
  ),
  signed(
    'a third transform',
    (xml) =>
      xml.replace(
        '</ds:Transforms>',
        `<ds:Transform Algorithm="${DSIG}base64"></ds:Transform></ds:Transforms>`,
      ),
    'elements_unexpected',
    'Transforms',
  ),
  signed(
    'a transform with content',
    (xml) => xml.replace('enveloped-signature">', 'enveloped-signature"><ds:XPath></ds:XPath>'),
    'content_unexpected',
    'Transform',
  ),
]

const CONTENT: readonly RimCase[] = [
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

const DOCUMENT: readonly RimCase[] = [
  document(
    'entities that multiply',
    (xml) => `<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>${xml}`,
    { code: 'rim_xml_malformed', reason: 'doctype_forbidden', at: 0 },
  ),
  document('elements without end', () => '<a>'.repeat(100), {
    code: 'rim_xml_malformed',
    reason: 'too_deep',
    at: 51,
  }),
  document('bytes of another encoding', (xml) => `<?xml version="1.0" encoding="UTF-16"?>${xml}`, {
    code: 'rim_xml_malformed',
    reason: 'declaration_invalid',
    at: 0,
  }),
  document(
    'a changed digest of a measurement',
    (xml) => xml.replace(/ns2:Hash0="../, 'ns2:Hash0="01'),
    { code: 'rim_digest_mismatch' },
  ),
  document('another version', (xml) => xml.replace('550.144.03', '550.144.04'), {
    code: 'rim_digest_mismatch',
  }),
  document(
    'an element that nobody signed',
    (xml) => xml.replace('    <ns0:Payload', '<x></x>    <ns0:Payload'),
    { code: 'rim_digest_mismatch' },
  ),
  document(
    'white space that nobody signed',
    (xml) => xml.replace('    <ns0:Payload', '     <ns0:Payload'),
    { code: 'rim_digest_mismatch' },
  ),
  document(
    'a namespace that nobody signed',
    (xml) => xml.replace('<SoftwareIdentity ', '<SoftwareIdentity xmlns:x="urn:x" '),
    { code: 'rim_signature_invalid' },
  ),
  document(
    'a language that nobody signed',
    (xml) => xml.replace('<SoftwareIdentity ', '<SoftwareIdentity xml:lang="en" '),
    { code: 'rim_signature_invalid' },
  ),
  document('a certificate that is none', (xml) => xml.replace(/(<ds:X509Certificate>)./, '$1B'), {
    code: 'certificate_malformed',
    certificate: 'rim_signer',
  }),
]

const CHAINS: readonly RimCase[] = [
  {
    name: 'another root',
    attack: {
      editDocument: (xml) => xml.replace(/[^>]*(<\/ds:X509Certificate><\/ds:X509Data>)/, 'AAAA$1'),
    },
    expected: { code: 'root_untrusted', chain: 'rim' },
  },
  {
    name: 'a chain without its root',
    attack: { chain: ['rim_signer', 'rim_issuing_ca', 'rim_product_ca'] },
    expected: { code: 'root_untrusted', chain: 'rim' },
  },
  {
    name: 'a chain without an intermediate',
    attack: { chain: ['rim_signer', 'rim_product_ca', 'root'] },
    expected: { code: 'chain_length_wrong', chain: 'rim', length: 3 },
  },
  {
    name: 'a chain with one certificate too many',
    attack: { chain: ['rim_signer', 'rim_issuing_ca', 'rim_issuing_ca', 'rim_product_ca', 'root'] },
    expected: { code: 'chain_length_wrong', chain: 'rim', length: 5 },
  },
  {
    name: 'the root alone',
    attack: { chain: ['root'] },
    expected: { code: 'chain_length_wrong', chain: 'rim', length: 1 },
  },
  {
    name: 'a chain in another order',
    attack: { chain: ['rim_signer', 'rim_product_ca', 'rim_issuing_ca', 'root'] },
    expected: { code: 'rim_product_ca_signature_invalid' },
  },
  {
    name: 'a product CA signed by another',
    attack: { signers: { rim_product_ca: 'rim_issuing_ca' } },
    expected: { code: 'rim_product_ca_signature_invalid' },
  },
  {
    name: 'an issuing CA signed by the root',
    attack: { signers: { rim_issuing_ca: 'root' } },
    expected: { code: 'rim_issuing_ca_signature_invalid' },
  },
  {
    name: 'a signer signed by itself',
    attack: { signers: { rim_signer: 'rim_signer' } },
    expected: { code: 'rim_signer_signature_invalid' },
  },
  {
    name: 'a manifest signed by a CA',
    attack: { signers: { document: 'rim_issuing_ca' } },
    expected: { code: 'rim_signature_invalid' },
  },
  certified(
    'an issuing CA that is no CA',
    'rim_issuing_ca',
    { isCa: false, pathLength: undefined },
    'certificate_not_ca',
  ),
  certified('a signer that is a CA', 'rim_signer', { isCa: true }, 'certificate_path_too_long'),
  certified(
    'a root that is no CA',
    'root',
    { isCa: false, pathLength: undefined },
    'certificate_not_ca',
  ),
  certified(
    'an issuing CA that may not sign certificates',
    'rim_issuing_ca',
    { keyUsage: 0x80 },
    'certificate_key_usage_wrong',
  ),
  certified(
    'a signer that may not sign',
    'rim_signer',
    { keyUsage: 0x20 },
    'certificate_key_usage_wrong',
  ),
  certified(
    'a signer of another name',
    'rim_signer',
    { commonName: 'GH100 A01 GSP BROM' },
    'certificate_role_wrong',
  ),
  certified(
    'an issuing CA for debugging',
    'rim_issuing_ca',
    { commonName: 'NVIDIA Reference Value L3 GH100 001 Debug Only' },
    'certificate_role_wrong',
  ),
  certified(
    'a product CA of another name',
    'rim_product_ca',
    { commonName: 'NVIDIA GH100 Identity' },
    'certificate_role_wrong',
  ),
  certified(
    'a product CA that allows no other',
    'rim_product_ca',
    { pathLength: 0 },
    'certificate_path_too_long',
    'rim_issuing_ca',
  ),
  certified('an expired signer', 'rim_signer', { notAfter: NOW - 1 }, 'certificate_expired'),
  certified(
    'a signer of the future',
    'rim_signer',
    { notBefore: NOW + 1 },
    'certificate_not_yet_valid',
  ),
  certified(
    'an expired issuing CA',
    'rim_issuing_ca',
    { notAfter: NOW - DAY },
    'certificate_expired',
  ),
  certified('an expired root', 'root', { notAfter: NOW - 1 }, 'certificate_expired'),
]

/** Every way in which a manifest of the development authority is made wrong, with its error. */
export const RIM_CASES: readonly RimCase[] = [
  ...WRAPPING,
  ...ALGORITHMS,
  ...CONTENT,
  ...DOCUMENT,
  ...CHAINS,
]

type SignatureReason = Extract<RimError, { code: 'rim_signature_malformed' }>['reason']

/** SignedInfo signed as it is. */
function signed(
  name: string,
  edit: (xml: string) => string,
  reason: SignatureReason,
  element: string,
): RimCase {
  const expected = { code: 'rim_signature_malformed', reason, element } as const
  return { name, attack: { editSignedInfo: edit }, expected }
}

/** Parts put elsewhere after signing. */
function moved(
  name: string,
  edit: (xml: string) => string,
  reason: SignatureReason,
  element: string,
): RimCase {
  const expected = { code: 'rim_signature_malformed', reason, element } as const
  return { name, attack: { editDocument: edit }, expected }
}

/** Content signed as it is. */
function content(
  name: string,
  edit: (xml: string) => string,
  reason: Extract<RimError, { code: 'rim_malformed' }>['reason'],
  path: string,
): RimCase {
  return { name, attack: { editContent: edit }, expected: { code: 'rim_malformed', reason, path } }
}

function document(
  name: string,
  edit: (xml: string) => string,
  expected: RimCase['expected'],
): RimCase {
  return { name, attack: { editDocument: edit }, expected }
}

type RimAttackRole = keyof NonNullable<RimAttack['certificates']>

function certified(
  name: string,
  role: RimAttackRole,
  change: NonNullable<NonNullable<RimAttack['certificates']>[RimAttackRole]>,
  code:
    | 'certificate_not_ca'
    | 'certificate_key_usage_wrong'
    | 'certificate_role_wrong'
    | 'certificate_path_too_long'
    | 'certificate_expired'
    | 'certificate_not_yet_valid',
  certificate: RimAttackRole = role,
): RimCase {
  return { name, attack: { certificates: { [role]: change } }, expected: { code, certificate } }
}
