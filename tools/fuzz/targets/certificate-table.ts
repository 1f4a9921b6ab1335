import { err, unwrap } from '@tacit/base'
import { encodePem, parsePemCertificates } from '@tacit/crypto/x509'
import { parseCertificateTable } from '../../../packages/attestation/src/sev-snp/certificate-table.ts'
import { decideSnp } from '../../../packages/attestation/src/sev-snp/verify.ts'
import {
  ARK,
  ASK,
  CRL,
  VCEK,
  VLEK,
  writeCertificateTable,
} from '../../../packages/attestation/src/testing/certificate-table-writer.ts'
import { snp } from '../../../packages/attestation/src/testing/snp-kit.ts'
import type { FuzzTarget } from '../target.ts'

const NOTHING = new Uint8Array()

/** Reports with what their host hands out beside them. */
export function certificateTableTargets(): readonly FuzzTarget[] {
  return [tableTarget('vcek'), tableTarget('vlek')]
}

function tableTarget(signingKey: 'vcek' | 'vlek'): FuzzTarget {
  const { report, collateral, roots, now } = snp(undefined, { signingKey })
  const { endorsement, chain = NOTHING, crl = NOTHING } = collateral
  const [ask = NOTHING, ark = NOTHING] = unwrap(parsePemCertificates(chain, 2))
  const key = signingKey === 'vcek' ? VCEK : VLEK
  return {
    name: `synthetic-snp-table-${signingKey}`,
    parts: {
      table: writeCertificateTable([ARK, ark], [ASK, ask], [key, endorsement], [CRL, crl]),
      report,
    },
    run: ({ table = NOTHING, report: given = NOTHING }, verify) => {
      const parsed = parseCertificateTable(table)
      if (!parsed.ok) return parsed
      const listed = parsed.value
      const leaf = listed.vcek ?? listed.vlek
      const issuers = [listed.ask ?? listed.asvk, listed.ark].filter((one) => one !== undefined)
      // Anyone may leave out an entry: what it vouches for is then unknown, and the verdict says so.
      if (leaf === undefined) return err({ code: 'endorsement_passed_over' })
      if (listed.crl === undefined) return err({ code: 'crl_passed_over' })
      const all = { endorsement: leaf, chain: encodePem(issuers), crl: listed.crl }
      return decideSnp({ report: given, collateral: all, roots, now }, verify)
    },
  }
}
