import { moved, signed, type RimCase } from './case.ts'

const DSIG = 'http://www.w3.org/2000/09/xmldsig#'
const SIGNATURE = /<ds:Signature .*<\/ds:Signature>/s

/** Whoever moves a signature, its reference or the content around. */
export const WRAPPING_CASES: readonly RimCase[] = [
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
