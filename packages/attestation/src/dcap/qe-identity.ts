import { err, ok, type Result } from '@tacit/base'
import type { DcapFormError } from './errors.ts'
import { readJson, type JsonField } from '../json-document.ts'
import { readEnclaveLevels, type EnclaveLevel } from './tcb-info.ts'

/** Intel's description of its genuine quoting enclave. */
export interface QeIdentity {
  readonly id: 'QE' | 'TD_QE' | 'QVE'
  /** Unix seconds, inclusive. */
  readonly issueDate: number
  /** Unix seconds, inclusive. */
  readonly nextUpdate: number
  readonly tcbEvaluationDataNumber: number
  /** 4 bytes each. */
  readonly miscSelect: Uint8Array
  readonly miscSelectMask: Uint8Array
  /** 16 bytes each. */
  readonly attributes: Uint8Array
  readonly attributesMask: Uint8Array
  /** 32 bytes. */
  readonly mrSigner: Uint8Array
  readonly isvProdId: number
  /** Highest first. */
  readonly levels: readonly EnclaveLevel[]
}

/**
 * Reads the JSON that Intel signs as enclave identity, version 2.
 * Source: Intel SGX and TDX Provisioning Certification Service API v4, "Get QE Identity".
 */
export function parseQeIdentity(bytes: Uint8Array): Result<QeIdentity, DcapFormError> {
  const read = readJson(bytes, (root): Result<QeIdentity, DcapFormError> => {
    const version = root.get('version').integer(0xffff)
    if (version !== 2) return err({ code: 'qe_identity_version_unsupported', version })
    return ok(readIdentity(root))
  })
  return read.ok ? read.value : err({ code: 'qe_identity_malformed', ...read.error })
}

function readIdentity(root: JsonField): QeIdentity {
  return {
    id: root.get('id').oneOf(['QE', 'TD_QE', 'QVE']),
    issueDate: root.get('issueDate').time(),
    nextUpdate: root.get('nextUpdate').time(),
    tcbEvaluationDataNumber: root.get('tcbEvaluationDataNumber').integer(0xffff_ffff),
    miscSelect: root.get('miscselect').hex(4),
    miscSelectMask: root.get('miscselectMask').hex(4),
    attributes: root.get('attributes').hex(16),
    attributesMask: root.get('attributesMask').hex(16),
    mrSigner: root.get('mrsigner').hex(32),
    isvProdId: root.get('isvprodid').integer(0xffff),
    levels: readEnclaveLevels(root.get('tcbLevels'), 0xffff),
  }
}
