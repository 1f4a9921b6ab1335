import { bytesToHex, concatBytes, utf8 } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { readEvidence, readEvidenceList } from '../../../../vectors/evidence.ts'
import { VCEK, writeCertificateTable } from '../testing/certificate-table-writer.ts'
import { evidenceFolder, hex, tdx } from '../testing/kit.ts'
import { GPU_NONCE, launched } from '../testing/nvidia-kit.ts'
import { amdOf, MEASUREMENT } from '../testing/snp-kit.ts'
import { readFileContent } from './file-content.ts'

function typeOf(bytes: Uint8Array | string): string {
  const name = 'a file'
  const content = readFileContent({ name, bytes: typeof bytes === 'string' ? utf8(bytes) : bytes })
  return content.ok ? content.value.type : content.error.code
}

const guest = amdOf().launchGuest({ measurement: MEASUREMENT })
const report = guest.report(new Uint8Array(64))
const { endorsement, chain, crl } = amdOf().collateral()
const hcl = guest.hclReport()
const { quote } = tdx()
const { device, input } = launched()
const [rim = new Uint8Array()] = device.rims()
const [ocsp = new Uint8Array()] = device.ocspAll()
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
const pem = `-----BEGIN CERTIFICATE-----\n${base64(endorsement)}\n-----END CERTIFICATE-----\n`
const evidence = {
  arch: 'HOPPER',
  nonce: bytesToHex(GPU_NONCE),
  evidence: base64(input.report),
  certificate: base64(input.chain),
}

describe('what a file is', () => {
  test.each<[string, Uint8Array | string, string]>([
    ['a quote', quote, 'quote'],
    ['a quote in hex', ` ${bytesToHex(quote)}\n`, 'quote'],
    ['a quote in hex with 0x', `0x${bytesToHex(quote)}`, 'quote'],
    ['a quote in base64 with line breaks', base64(quote).replaceAll(/.{64}/g, '$&\r\n'), 'quote'],
    ['an SNP report', report, 'snp_report'],
    ['an SNP report in hex', `${bytesToHex(report)}\n`, 'snp_report'],
    ['a certificate', endorsement, 'certificates'],
    ['a certificate in hex', bytesToHex(endorsement), 'certificates'],
    ['a certificate in PEM', `\n${pem}`, 'certificates'],
    ['a chain', chain, 'certificates'],
    ['the certificates of a host', writeCertificateTable([VCEK, endorsement]), 'certificates'],
    ['a list', crl, 'crl'],
    ['a list in PEM', `-----BEGIN X509 CRL-----\n${base64(crl)}\n-----END X509 CRL-----\n`, 'crl'],
    ['an HCL report', hcl, 'hcl_report'],
    ["an agent's JSON", JSON.stringify({ hcl_report: base64(hcl), vcek: pem }), 'azure_evidence'],
    ['an SNP bundle', JSON.stringify({ report: base64(report), vcek: pem }), 'snp_bundle'],
    ['a device', input.report, 'nvidia_report'],
    ['a device in hex', ` ${bytesToHex(input.report)}`, 'nvidia_report'],
    ['devices', JSON.stringify([evidence]), 'nvidia_evidence'],
    [
      'devices for the service',
      JSON.stringify({ nonce: evidence.nonce, evidence_list: [evidence] }),
      'nvidia_evidence',
    ],
    ['a manifest', rim, 'rim'],
    [
      'a manifest behind a comment',
      '<?xml version="1.0"?>\n<!-- x -->\n<a:SoftwareIdentity>',
      'rim',
    ],
    ['an OCSP response', ocsp, 'ocsp'],
    ['tokens', '[["JWT", "a.b.c"], {"GPU-0": "a.b.c"}]', 'nras_result'],
    ['a token', 'eyJhbGciOiJFUzM4NCJ9.e30.AA\n', 'nras_result'],
    ['keys', '{"keys":[]}', 'key_set'],
  ])('%s', (_, bytes, type) => {
    expect(typeOf(bytes)).toBe(type)
  })

  test.each<[string, Uint8Array | string]>([
    ['nothing', ''],
    ['text', 'hello'],
    ['zeros', new Uint8Array(4096)],
    ['an SNP report cut short', report.subarray(0, -1)],
    ['other hex', '11e0'.repeat(30)],
    ['hex of an odd length', `${bytesToHex(quote)}0`],
    ['other JSON', '{"a":1}'],
    ['a list of something else', '[1]'],
    ['JSON that breaks off', '{"quote":'],
    ['deep JSON', '['.repeat(200_000)],
    ['other XML', '<a/>'],
    ['DER of nothing', Uint8Array.of(0x30, 0, 0, 0, 0, 0, 0, 0)],
    ['a table without a key', concatBytes(new Uint8Array(24), endorsement)],
    ['another kind of PEM', '-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n'],
    ['64 MB of white space', new Uint8Array(1 << 26).fill(0x20)],
    ['64 MB of hex', new Uint8Array(1 << 26).fill(0x30)],
  ])('%s is not known', (_, bytes) => {
    expect(typeOf(bytes)).toBe('file_unknown')
  })

  test.each<[string, Uint8Array | string, string, string]>([
    ['a bundle', '{"quote":1,"collateral":{}}', 'dcap_bundle', 'bundle_malformed'],
    ['collateral', '{"tcb_info":1,"qe_identity":1}', 'dcap_collateral', 'bundle_malformed'],
    ["dstack's answer", '{"quote":"","event_log":1}', 'dstack_report', 'dstack_report_malformed'],
    ['an SNP bundle', '{"report":1}', 'snp_bundle', 'bundle_malformed'],
    ['an agent', '{"hcl_report":1}', 'azure_evidence', 'azure_evidence_malformed'],
    ['an HCL report', hcl.subarray(0, 1000), 'hcl_report', 'hcl_truncated'],
    ['devices', '{"evidence_list":1}', 'nvidia_evidence', 'bundle_malformed'],
    ['a bundle of devices', '{"devices":1}', 'nvidia_bundle', 'bundle_malformed'],
    ['PEM of nothing', '-----BEGIN CERTIFICATE-----', 'certificates', 'pem_malformed'],
    ['an event log', 'CCEL'.padEnd(64), 'event_log', 'event_log_table_invalid'],
  ])('%s that is malformed says why', (_, bytes, type, code) => {
    const content = readFileContent({
      name: 'x',
      bytes: typeof bytes === 'string' ? utf8(bytes) : bytes,
    })
    expect(content).toMatchObject({
      error: { code: 'file_malformed', file: 'x', type, cause: { code } },
    })
  })

  test('a document of AWS, with or without envelope and tag', () => {
    const document = concatBytes(hex('8444a1013822a0'), new Uint8Array(32))
    for (const envelope of ['', 'd2', '0002bd46']) {
      expect(typeOf(concatBytes(hex(envelope), document))).toBe('file_unsupported')
    }
  })
})

describe.runIf(evidenceFolder !== undefined)('real files', () => {
  const folder = evidenceFolder ?? ''
  const listed = readEvidenceList().files.filter(({ path }) => /^(?:snp|nvidia)\//.test(path))

  test.each(listed.map((file) => [file.path, file] as const))('%s is known', (path, file) => {
    const type = typeOf(readEvidence(folder, file))
    const isOracle = /parsed_output|claims/.test(path)
    if (isOracle) expect(type).toBe('file_unknown')
    else expect(type).not.toMatch(/^file_/)
  })
})
