export {
  AMD_KDS,
  createAmdSource,
  type AmdCollateral,
  type AmdError,
  type AmdOptions,
  type AmdSource,
  type SnpRequest,
} from './amd/amd-source.ts'
export type { VcekRequestError } from './amd/vcek-request.ts'
export { CACHE_LIMITS, type Cache, type CacheEntry, type CacheLimits } from './cache/cache.ts'
export { createDiskCache } from './cache/disk-cache.ts'
export { createMemoryCache } from './cache/memory-cache.ts'
export {
  createHttp,
  HTTP_LIMITS,
  type Http,
  type HttpAnswer,
  type HttpLimits,
  type HttpRequest,
  type HttpWorld,
} from './http/http-client.ts'
export type { HttpError } from './http/http-error.ts'
export { INTEL_PCS, type IntelAnswerError, type IntelService } from './intel/fetch-collateral.ts'
export {
  createIntelSource,
  type IntelCollateral,
  type IntelError,
  type IntelOptions,
  type IntelSource,
} from './intel/intel-source.ts'
export type { NvidiaDevice, NvidiaOptions } from './nvidia/nvidia-options.ts'
export {
  createNvidiaSource,
  NVIDIA_OCSP,
  NVIDIA_RIM,
  type NvidiaFetched,
  type NvidiaSource,
} from './nvidia/nvidia-source.ts'
export type { OcspServiceError } from './nvidia/ocsp-service.ts'
export type { Rim, RimServiceError } from './nvidia/rim-service.ts'
export {
  createObtain,
  type Obtain,
  type Obtained,
  type ObtainOptions,
  type Published,
  type StaleError,
} from './obtain.ts'
export { writeBundle, type BundleContent } from './intel/write-bundle.ts'
export { writeSnpBundle, type SnpBundleContent } from './amd/write-snp-bundle.ts'
export { writeNvidiaBundle, type NvidiaBundleContent } from './nvidia/write-nvidia-bundle.ts'
