import { signed, type RimCase } from './case.ts'

const DSIG = 'http://www.w3.org/2000/09/xmldsig#'
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#'

/** Other methods than the one of each that manifests use. */
export const ALGORITHM_CASES: readonly RimCase[] = [
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
