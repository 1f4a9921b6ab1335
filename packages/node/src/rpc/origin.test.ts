import { expect, test } from 'vitest'
import { isAllowedHost, isAllowedOrigin, isLoopback, isOrigin } from './origin.ts'

const APPS = 'https://polkadot.js.org'
const EXTENSION = 'chrome-extension://mopnmbcafieddcagagdcbnhejhlodfdd'

test.each([
  ['localhost', true],
  ['LOCALHOST', true],
  ['app.localhost', true],
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['[::1]', true],
  ['::ffff:127.0.0.1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['127.0.0.1.evil.example', false],
  ['localhost.evil.example', false],
  ['', false],
])('%s is of this machine: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
})

test.each([
  [undefined, [], true],
  ['http://localhost:3000', [], true],
  ['https://127.0.0.1', [], true],
  ['http://[::1]:8080', [], true],
  [APPS, [], false],
  [APPS, [APPS], true],
  [APPS, ['*'], true],
  [`${APPS}:444`, [APPS], false],
  ['https://polkadot.js.org.evil.example', [APPS], false],
  ['http://polkadot.js.org', [APPS], false],
  ['null', [], false],
  ['null', [APPS], false],
  ['null', ['*'], true],
  [EXTENSION, [APPS], false],
  [EXTENSION, [EXTENSION], true],
  ['ftp://localhost', [], false],
  ['localhost', [], false],
  ['', [], false],
])('a page of %s with %j allowed: %s', (origin, allowed, expected) => {
  expect(isAllowedOrigin(origin, allowed)).toBe(expected)
})

test.each([
  ['localhost:9944', '127.0.0.1', true],
  ['127.0.0.1:9944', '127.0.0.1', true],
  ['[::1]:9944', '::1', true],
  ['evil.example', '127.0.0.1', false],
  ['evil.example:9944', 'localhost', false],
  ['localhost@evil.example', '127.0.0.1', false],
  ['evil.example#localhost', '127.0.0.1', false],
  ['local host', '127.0.0.1', false],
  ['', '127.0.0.1', false],
  [undefined, '127.0.0.1', false],
  ['node.example', '0.0.0.0', true],
  [undefined, '0.0.0.0', true],
])('host %s of a server on %s: %s', (host, bound, expected) => {
  expect(isAllowedHost(host, bound)).toBe(expected)
})

test.each([
  ['*', true],
  [APPS, true],
  ['http://localhost:3000', true],
  [EXTENSION, true],
  [`${APPS}/`, false],
  [`${APPS}/apps`, false],
  ['polkadot.js.org', false],
  ['null', false],
  ['', false],
])('%s is an origin: %s', (text, expected) => {
  expect(isOrigin(text)).toBe(expected)
})
