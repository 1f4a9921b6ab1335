import { isIPv4 } from 'node:net'

/** Whether an address or a host's name is this machine's own. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  const address = name.replace(/^::ffff:/, '')
  if (isIPv4(address)) return address.startsWith('127.')
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1'
}

/**
 * Whether a web page may connect: pages of this machine, those on the list, or all by '*'. Programs
 * that are not browsers send no origin and may. Pages without an origin of their own ('null': files,
 * sandboxed frames) may not, nor extensions that are not listed.
 */
export function isAllowedOrigin(origin: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return true
  if (!/^https?:\/\//.test(origin) || !URL.canParse(origin)) return false
  return isLoopback(new URL(origin).hostname)
}

/**
 * Whether a request may name this host. A server that only this machine reaches is asked under this
 * machine's names alone: a page whose name was made to lead here has another one (DNS rebinding),
 * and its browser would take it for the page's own server.
 * @param bound the address that the server listens on.
 */
export function isAllowedHost(host: string | undefined, bound: string): boolean {
  if (!isLoopback(bound)) return true
  if (host === undefined || /[/?#@\\\s]/.test(host) || !URL.canParse(`http://${host}`)) return false
  return isLoopback(new URL(`http://${host}`).hostname)
}

/** Whether a text is what browsers send as an origin, or '*'. */
export function isOrigin(text: string): boolean {
  return text === '*' || /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s]+$/.test(text)
}
