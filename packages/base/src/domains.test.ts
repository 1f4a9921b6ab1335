import { describe, expect, it } from 'vitest'
import golden from '../vectors/domains.json' with { type: 'json' }
import { bytesToHex, startsWith, utf8 } from './bytes.ts'
import { domain, DOMAINS, inDomain, type DomainName } from './domains.ts'

const names = Object.keys(DOMAINS) as DomainName[]

describe('the registry of domains', () => {
  it('has exactly the golden bytes: a changed label would orphan every signature under it', () => {
    const actual = Object.fromEntries(names.map((name) => [name, bytesToHex(domain(name))]))
    expect(actual).toEqual(golden)
  })

  it('has no prefix that another one begins with', () => {
    for (const one of names) {
      for (const other of names.filter((name) => name !== one)) {
        expect(startsWith(domain(other), domain(one))).toBe(false)
      }
    }
  })

  it('puts the prefix before the parts', () => {
    const message = inDomain('commit', utf8('a'), utf8('b'))
    expect(bytesToHex(message)).toBe(`${golden.commit}6162`)
  })
})
