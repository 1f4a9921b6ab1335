import { bytesToHex, equalBytes, parseUtf8, unwrap, utf8 } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { findEvidence, readEvidence, readEvidenceList } from '../../../../vectors/evidence.ts'
import { native } from '../native/index.ts'
import { portable } from '../portable/index.ts'
import { parseCertificate, type Certificate } from './certificate.ts'
import { parsePemCertificates } from './pem.ts'

/** Certificates that others broke, or whose issuer is in no file. */
const UNSIGNED: readonly string[] = [
  'nvidia/nvsdk__incorrect_rim_root.crt',
  'snp/trustee__snp__test-vcek-invalid-legacy.der',
  'snp/trustee__snp__test-vcek-invalid-new.der',
]

const folder = findEvidence()

/** The DER of every certificate in a file: bare, PEM, PEM in base64, PEM in JSON, base64 in XML. */
function certificatesIn(bytes: Uint8Array): readonly Uint8Array[] {
  const isDer = bytes[0] === 0x30 && bytes[1] === 0x82
  if (isDer) return [bytes]
  const outer = (parseUtf8(bytes) ?? '').replaceAll('\\n', '\n')
  const inner = (outer.match(/[A-Za-z0-9+/]{1000,}=*/g) ?? []).map((text) =>
    Buffer.from(text, 'base64').toString('latin1'),
  )
  const pem = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g
  const blocks = [outer, ...inner].flatMap((text) => text.match(pem) ?? [])
  const elements = [...outer.matchAll(/X509Certificate>(\s*[^<\s][^<]*)</g)]
  return [
    ...blocks.flatMap((block) => unwrap(parsePemCertificates(utf8(block), 1))),
    ...elements.map(([, text = '']) => new Uint8Array(Buffer.from(text, 'base64'))),
  ]
}

function isSignedBy({ tbs, signature }: Certificate, { publicKey }: Certificate): boolean {
  if (publicKey.scheme !== signature.scheme) return false
  const check = {
    scheme: signature.scheme,
    publicKey: publicKey.bytes,
    message: tbs,
    signature: signature.bytes,
  }
  const answer = native.verify(check)
  expect(portable.verify(check)).toBe(answer)
  return answer
}

describe.runIf(folder !== undefined)('the certificates of AMD and NVIDIA', () => {
  const found = new Map<string, { readonly path: string; readonly certificate: Certificate }>()
  const files = readEvidenceList().files.filter(({ path }) => /^(?:snp|nvidia)\//.test(path))
  for (const file of files) {
    for (const der of certificatesIn(readEvidence(folder ?? '', file))) {
      const certificate = unwrap(parseCertificate(der), file.path)
      found.set(bytesToHex(der), { path: file.path, certificate })
    }
  }
  const all = [...found.values()].map(({ certificate }) => certificate)

  test('are read, with keys and signatures of each scheme', () => {
    const keys = new Set(all.map(({ publicKey }) => publicKey.scheme))
    const signatures = new Set(all.map(({ signature }) => signature.scheme))
    expect(keys).toEqual(new Set(['p256', 'p384', 'rsaPss']))
    expect(signatures).toEqual(keys)
    expect(all.length).toBeGreaterThan(70)
  })

  test('have numbers and dates that RFC 5280 does not have', () => {
    const vcek = all.filter(({ subject }) => subject.commonName === 'SEV-VCEK')
    expect(vcek.map(({ serial }) => bytesToHex(serial))).toContain('00')
    expect(all.map(({ notAfter }) => notAfter)).toContain(Date.UTC(9999, 11, 31, 23, 59, 59) / 1000)
  })

  test('verify under their issuer, by both providers, but for the broken ones', () => {
    const unsigned = [...found.values()].filter(
      ({ certificate }) =>
        !all.some(
          (issuer) =>
            equalBytes(issuer.subject.der, certificate.issuer.der) &&
            isSignedBy(certificate, issuer),
        ),
    )
    expect(unsigned.map(({ path }) => path).toSorted()).toEqual(UNSIGNED)
  })
})
