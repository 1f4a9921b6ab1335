import { variant, type CaseOf, type Codec } from '@tacit/base'
import {
  dcapCollateralCodec,
  snpIssuerCollateralCodec,
  type DcapCollateral,
  type SnpIssuerCollateral,
} from '@tacit/attestation'

/** What the vendor of a CPU's TEE published, as the chain had it when it verified evidence. */
export type EvidenceCollateral =
  | CaseOf<'Dcap', DcapCollateral>
  | CaseOf<'SevSnp', SnpIssuerCollateral>

export const evidenceCollateral: Codec<EvidenceCollateral> = variant({
  Dcap: [0, dcapCollateralCodec],
  SevSnp: [1, snpIssuerCollateralCodec],
})
