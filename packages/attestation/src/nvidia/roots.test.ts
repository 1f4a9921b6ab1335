import { unwrap } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { parsePemCertificates } from '@tacit/crypto/x509'
import { expect, test } from 'vitest'
import { evidenceFolder, readListedFile } from '../testing/kit.ts'
import { NVIDIA_DEVICE_IDENTITY_CA, NVIDIA_RIM_ROOT_CA } from './roots.ts'

test.runIf(evidenceFolder !== undefined).each([
  [NVIDIA_DEVICE_IDENTITY_CA, 'nvidia/nvtrust__certs__verifier_device_root.pem'],
  [NVIDIA_RIM_ROOT_CA, 'nvidia/nvsdk__trusted_certs__rim_root.crt'],
])('the pinned root is the listed file', ({ certificate, fingerprint }, path) => {
  const pem = readListedFile(evidenceFolder ?? '', path)
  expect(unwrap(parsePemCertificates(pem, 1))).toEqual([certificate])
  expect(fingerprint).toEqual(native.hashes.sha256(certificate))
})
