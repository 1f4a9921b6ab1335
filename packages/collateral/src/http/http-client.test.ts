import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { err, unwrap, utf8 } from '@tacit/base'
import { startLocalServer, type LocalServer } from '../testing/local-server.ts'
import { NOW_MS, testHttp } from '../testing/test-http.ts'

const TEXT = { 'content-type': 'Text/Plain; charset=utf-8' }
let server: LocalServer

beforeEach(async () => {
  server = await startLocalServer()
})
afterEach(() => server.close())

const request = (path = '/a') => ({
  url: server.url + path,
  contentTypes: ['text/plain'],
  maxBytes: 16,
})

describe('an answer', () => {
  test('is body and headers; a body makes it a POST', async () => {
    server.on('/a', { headers: { ...TEXT, 'x-more': '1' }, body: 'sixteen bytes ok' })
    const { http } = testHttp()
    const answer = unwrap(await http({ ...request(), headers: { 'x-key': 'k' } }))
    expect(answer.body).toEqual(utf8('sixteen bytes ok'))
    expect(answer.headers.get('X-More')).toBe('1')
    unwrap(await http({ ...request(), body: utf8('ask') }))
    expect(server.asked.map(({ method }) => method)).toEqual(['GET', 'POST'])
    expect(server.asked[0]?.headers['x-key']).toBe('k')
    expect(server.asked[1]?.body).toEqual(utf8('ask'))
  })

  test.each([
    ['access_denied', 401],
    ['access_denied', 403],
    ['not_found', 404],
    ['status_unexpected', 204],
    ['status_unexpected', 410],
    ['status_unexpected', 304],
  ])('is %s with status %i, and asked for once', async (code, status) => {
    server.on('/a', { status, headers: TEXT })
    expect(await testHttp().http(request())).toMatchObject({ error: { code } })
    expect(server.asked).toHaveLength(1)
  })

  test.each([
    ['an error page', { 'content-type': 'text/html' }, 'text/html'],
    ['no type', {}, ''],
  ])('of the wrong type is refused: %s', async (_, headers, contentType) => {
    server.on('/a', { headers, body: '<html>' })
    expect(await testHttp().http(request())).toEqual(
      err({ code: 'content_type_wrong', url: `${server.url}/a`, contentType }),
    )
  })

  test('is bounded, whatever length it declares', async () => {
    server.on('/a', { headers: TEXT, body: 'seventeen bytes!!' })
    const tooLarge = err({ code: 'body_too_large', url: `${server.url}/a`, maxBytes: 16 })
    expect(await testHttp().http(request())).toEqual(tooLarge)
    let written = 0
    server.on('/a', (_, response) => {
      response.writeHead(200, TEXT)
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) written++
        if (!response.destroyed) response.once('drain', pour)
      }
      pour()
    })
    expect(await testHttp().http(request())).toEqual(tooLarge)
    expect(written).toBeLessThan(1_024)
  })

  test('that ends early is truncated', async () => {
    server.on('/a', (_, response) => {
      response.writeHead(200, { ...TEXT, 'content-length': '10' })
      response.write('five!', () => response.destroy())
    })
    expect(await testHttp().http(request())).toEqual(
      err({ code: 'body_truncated', url: `${server.url}/a` }),
    )
  })

  test('that drips is out of time as a whole', async () => {
    const drip = setInterval(() => drops.forEach((drop) => drop()), 20)
    const drops: (() => void)[] = []
    server.on('/a', (_, response) => {
      response.writeHead(200, TEXT)
      drops.push(() => response.write('.'))
    })
    const { http } = testHttp({ timeoutMs: 150 })
    expect(await http({ ...request(), maxBytes: 1_000_000 })).toEqual(
      err({ code: 'service_timeout', url: `${server.url}/a`, timeoutMs: 150 }),
    )
    clearInterval(drip)
  })

  test('that never comes is out of time', async () => {
    server.on('/a', () => {})
    expect(await testHttp({ timeoutMs: 100 }).http(request())).toMatchObject({
      error: { code: 'service_timeout' },
    })
  })
})

describe('a redirect', () => {
  const to = (location: string, status = 302) => ({ status, headers: { location } })

  test('within the service is followed', async () => {
    server.on('/a', to('/b', 308))
    server.on('/b', { headers: TEXT, body: 'here' })
    expect(unwrap(await testHttp().http(request())).body).toEqual(utf8('here'))
  })

  test.each([
    ['to another host', 'http://localhost:1/'],
    ['to another protocol', 'https://127.0.0.1/'],
    ['to no address', 'http://'],
    ['to itself', '/a'],
  ])('%s is refused', async (_, location) => {
    server.on('/a', to(location))
    expect(await testHttp().http(request())).toMatchObject({ error: { code: 'redirect_refused' } })
    expect(server.asked.length).toBeLessThanOrEqual(4)
  })
})

describe('an address', () => {
  test.each([
    'http://example.org/',
    'ftp://127.0.0.1/',
    'https://user:secret@example.org/',
    'https://user@example.org/',
    'nonsense',
  ])('%s is refused', async (url) => {
    expect(await testHttp().http({ ...request(), url })).toEqual(err({ code: 'url_refused', url }))
  })
})

describe('attempts', () => {
  const good = { headers: TEXT, body: 'ok' }
  const failing = (status: number, headers = {}) => ({ status, headers })

  test('are repeated after 5xx and 429, ever more slowly', async () => {
    server.on('/a', failing(500), failing(429), failing(503), good)
    const { http, pauses } = testHttp()
    expect(await http(request())).toMatchObject({ ok: true })
    expect(pauses).toEqual([500, 1_000, 2_000])
  })

  test('end, with the last failure as the error', async () => {
    server.on('/a', failing(502))
    const { http, pauses } = testHttp({ attempts: 3, maxPauseMs: 600 })
    expect(await http(request())).toEqual(
      err({ code: 'service_failed', url: `${server.url}/a`, status: 502 }),
    )
    expect([server.asked.length, pauses]).toEqual([3, [500, 600]])
  })

  test.each([
    ['in seconds', '7', 7_000],
    ['as a date', new Date(NOW_MS + 3_000).toUTCString(), 3_000],
    ['as a date that has passed', new Date(NOW_MS - 3_000).toUTCString(), 0],
    ['unreadable', 'soon', 500],
  ])('wait as long as Retry-After asks for, %s', async (_, header, pause) => {
    server.on('/a', failing(429, { 'retry-after': header }), good)
    const { http, pauses } = testHttp()
    expect(await http(request())).toMatchObject({ ok: true })
    expect(pauses).toEqual([pause])
  })

  test('are not repeated where the service asks for too long a pause', async () => {
    server.on('/a', failing(429, { 'retry-after': '31' }), good)
    const { http, pauses } = testHttp()
    expect(await http(request())).toEqual(
      err({ code: 'rate_limited', url: `${server.url}/a`, retryAfterMs: 31_000 }),
    )
    expect(pauses).toEqual([])
  })

  test('are repeated where nobody listens', async () => {
    const { url } = server
    await server.close()
    const { http, pauses } = testHttp({ attempts: 2 })
    expect(await http({ ...request(), url })).toEqual(
      err({ code: 'service_unreachable', url: `${url}/` }),
    )
    expect(pauses).toEqual([500])
    server = await startLocalServer()
  })
})
