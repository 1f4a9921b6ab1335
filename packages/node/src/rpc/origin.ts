const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Whether a web page may connect: pages of this machine, those on the list, or all by '*'. Programs
 * that are not browsers send no origin and may.
 */
export function isAllowedOrigin(origin: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return true
  return URL.canParse(origin) && LOOPBACK.has(new URL(origin).hostname)
}
