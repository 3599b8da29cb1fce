import { generateKeyPairSync } from 'node:crypto'
import { readPublicKey } from '../../src/features/access/jwt/public-key.ts'
import { ecPair, edPair, rsaPair } from '../support/jwt.ts'

const rsa = rsaPair()
const ec = ecPair()
const ed = edPair()
const jwk = (more: object, key = rsa.publicKey) =>
  JSON.stringify({ ...key.export({ format: 'jwk' }), ...more })

test.each([
  ['RSA in PEM', rsa.pem, 'RS256', rsa.pem],
  ['RSA of PKCS #1', rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(), 'RS256', rsa.pem],
  ['RSA as a JWK', jwk({}), 'RS256', rsa.pem],
  ['RSA as a JWK that names its algorithm', jwk({ alg: 'RS256', use: 'sig' }), 'RS256', rsa.pem],
  ['P-256 in PEM', ec.pem, 'ES256', ec.pem],
  ['P-256 as a JWK', jwk({}, ec.publicKey), 'ES256', ec.pem],
  ['Ed25519 in PEM', ed.pem, 'EdDSA', ed.pem],
  ['Ed25519 as a JWK', jwk({}, ed.publicKey), 'EdDSA', ed.pem],
  ['PEM with blank lines around it', `\n\n${ed.pem}\n\n`, 'EdDSA', ed.pem],
])('%s is bound to its algorithm, and kept in one form', (_, text, algorithm, pem) => {
  expect(readPublicKey(text)).toEqual({ pem, algorithm })
})

test.each([
  ['a private RSA key', rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'private key'],
  [
    'a private key of PKCS #1',
    rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    'private key',
  ],
  ['a private EC key', ec.privateKey.export({ type: 'sec1', format: 'pem' }).toString(), 'private key'],
  ['a private JWK', JSON.stringify(ed.privateKey.export({ format: 'jwk' })), 'private key'],
  ['a secret JWK', JSON.stringify({ kty: 'oct', k: 'c2VjcmV0' }), 'secret key'],
  ['RSA of 1024 bits', rsaPair(1024).pem, '1024 bits'],
  ['P-384', ecPair('P-384').pem, 'P-256'],
  ['secp256k1', ecPair('secp256k1').pem, 'P-256'],
  ['RSA-PSS', pssPem(), 'of this kind'],
  [
    'X25519',
    generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    'of this kind',
  ],
  ['a JWK for another algorithm', jwk({ alg: 'PS256' }), 'other than RS256'],
  ['a JWK for HMAC', jwk({ alg: 'HS256' }), 'other than RS256'],
  ['a JWK for encryption', jwk({ use: 'enc' }), 'not for signatures'],
  ['a JWK that is no JSON', '{"kty"', 'no JSON'],
  ['a JWK without a key', '{"kty":"RSA"}', 'can be read'],
  ['OpenSSH', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI', 'neither PEM'],
  ['damaged PEM', rsa.pem.replace('MIIB', 'MIIC'), 'can be read'],
  ['nothing', '', 'neither PEM'],
  ['very much', 'x'.repeat(20_000), 'too long'],
])('%s is refused with the reason', (_, text, reason) => {
  expect(() => readPublicKey(text)).toThrow(
    expect.objectContaining({
      code: 'PUBLIC_KEY_REFUSED',
      field: ['input', 'publicKey'],
      message: expect.stringContaining(reason),
    }),
  )
})

function pssPem(): string {
  const { publicKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2048 })
  return publicKey.export({ type: 'spki', format: 'pem' }).toString()
}
