import type { RimCase } from './case.ts'

/** Documents that are no XML, or that were changed after signing. */
export const DOCUMENT_CASES: readonly RimCase[] = [
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

function document(
  name: string,
  edit: (xml: string) => string,
  expected: RimCase['expected'],
): RimCase {
  return { name, attack: { editDocument: edit }, expected }
}
