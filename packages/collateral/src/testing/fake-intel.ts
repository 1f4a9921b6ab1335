import { bytesToHex, parseUtf8, utf8 } from '@tacit/base'
import type { DcapCollateral } from '@tacit/attestation'
import type { LocalServer, PlainAnswer } from './local-server.ts'

/** How a service spells its answers: Intel's own way, or PCCS's. */
export type Dialect = 'pcs' | 'pccs'

export interface Platforms {
  readonly tee: 'sgx' | 'tdx'
  /** Hex in upper case. */
  readonly fmspc: string
  readonly ca: 'processor' | 'platform'
}

export interface FakeIntel {
  readonly paths: Readonly<Record<'tcbInfo' | 'qeIdentity' | 'pckCrl' | 'rootCrl', string>>
  readonly answers: Readonly<Record<'tcbInfo' | 'qeIdentity' | 'pckCrl' | 'rootCrl', PlainAnswer>>
}

/** Serves collateral as Intel's service (or a PCCS) would; what it gives can be changed after. */
export function serveIntel(
  server: LocalServer,
  collateral: DcapCollateral,
  { tee, fmspc, ca }: Platforms,
  dialect: Dialect = 'pccs',
): FakeIntel {
  const paths = {
    tcbInfo: `/${tee}/certification/v4/tcb?fmspc=${fmspc}`,
    qeIdentity: `/${tee}/certification/v4/qe/identity`,
    pckCrl: `/sgx/certification/v4/pckcrl?ca=${ca}&encoding=der`,
    rootCrl: '/sgx/certification/v4/rootcacrl',
  }
  const answers = answersOf(collateral, dialect)
  for (const name of ['tcbInfo', 'qeIdentity', 'pckCrl', 'rootCrl'] as const) {
    server.on(paths[name], answers[name])
  }
  return { paths, answers }
}

export function answersOf(collateral: DcapCollateral, dialect: Dialect): FakeIntel['answers'] {
  const isPccs = dialect === 'pccs'
  const crl = (bytes: Uint8Array, headers: Record<string, string> = {}): PlainAnswer => ({
    headers: {
      ...headers,
      'content-type': isPccs ? 'text/html; charset=utf-8' : 'application/pkix-crl',
    },
    body: isPccs ? bytesToHex(bytes) : bytes,
  })
  const { tcbInfo, tcbInfoSignature, qeIdentity, qeIdentitySignature } = collateral
  return {
    tcbInfo: signedAnswer('tcbInfo', tcbInfo, tcbInfoSignature, {
      [isPccs ? 'sgx-tcb-info-issuer-chain' : 'TCB-Info-Issuer-Chain']: percentEncoded(
        collateral.tcbInfoIssuerChain,
      ),
    }),
    qeIdentity: signedAnswer('enclaveIdentity', qeIdentity, qeIdentitySignature, {
      'SGX-Enclave-Identity-Issuer-Chain': percentEncoded(collateral.qeIdentityIssuerChain),
    }),
    pckCrl: crl(collateral.pckCrl, {
      'Sgx-Pck-Crl-Issuer-Chain': percentEncoded(collateral.pckCrlIssuerChain),
    }),
    rootCrl: crl(collateral.rootCaCrl),
  }
}

function signedAnswer(
  name: string,
  bytes: Uint8Array,
  signature: Uint8Array,
  headers: Record<string, string>,
): PlainAnswer {
  const body = `{"${name}":${parseUtf8(bytes)},"signature":"${bytesToHex(signature)}"}`
  return { headers: { ...headers, 'content-type': 'application/json' }, body: utf8(body) }
}

/** As Intel does it: everything but letters, digits and a few marks. */
function percentEncoded(pem: Uint8Array): string {
  return encodeURIComponent(parseUtf8(pem) ?? '')
}
