import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest()
const b64 = (data: Buffer) => data.toString('base64url')

/** CBOR (RFC 8949) of what WebAuthn needs: integers, bytes, text, maps. */
function cbor(value: number | string | Buffer | Map<number | string, unknown>): Buffer {
  const head = (major: number, length: number) =>
    length < 24
      ? Buffer.from([(major << 5) | length])
      : length < 256
        ? Buffer.from([(major << 5) | 24, length])
        : Buffer.from([(major << 5) | 25, length >> 8, length & 255])
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value])
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, one]) => [cbor(key), cbor(one as never)])])
}

/** What may be wrong with an answer. */
export interface Flaws {
  origin?: string
  rpId?: string
  type?: string
  challenge?: string
  userPresent?: boolean
  userVerified?: boolean
  counter?: number
  userHandle?: string | null
  /** Signs with another key. */
  key?: KeyObject
  credentialId?: string
  crossOrigin?: boolean
}

interface Options {
  challenge: string
  rp?: { id: string }
  rpId?: string
  user?: { id: string }
}

/** An authenticator in software, with one ES256 credential: real attestation and assertion answers, and wrong ones on request. */
export function createAuthenticator({ origin = 'https://api.example.com', userVerified = true } = {}) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(32)
  let counter = 0
  let userHandle: string | undefined

  const clientData = (type: string, challenge: string, flaws: Flaws) =>
    Buffer.from(
      JSON.stringify({
        type: flaws.type ?? type,
        challenge: flaws.challenge ?? challenge,
        origin: flaws.origin ?? origin,
        crossOrigin: flaws.crossOrigin ?? false,
      }),
    )
  const authData = (rpId: string, flaws: Flaws, attested?: Buffer) => {
    const flags = (flaws.userPresent === false ? 0 : 1) | ((flaws.userVerified ?? userVerified) ? 4 : 0) | (attested ? 64 : 0)
    const count = Buffer.alloc(4)
    count.writeUInt32BE(flaws.counter ?? counter)
    return Buffer.concat([sha256(flaws.rpId ?? rpId), Buffer.from([flags]), count, ...(attested ? [attested] : [])])
  }
  return {
    credentialId: b64(id),
    create: (options: Options, flaws: Flaws = {}) => {
      userHandle = options.user!.id
      const { x, y } = publicKey.export({ format: 'jwk' }) as { x: string; y: string }
      const cose = cbor(
        new Map<number, unknown>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, Buffer.from(x, 'base64url')],
          [-3, Buffer.from(y, 'base64url')],
        ]),
      )
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, cose])
      const attestation = cbor(
        new Map<string, unknown>([
          ['fmt', 'none'],
          ['attStmt', new Map()],
          ['authData', authData(options.rp!.id, flaws, attested)],
        ]),
      )
      const response = {
        clientDataJSON: b64(clientData('webauthn.create', options.challenge, flaws)),
        attestationObject: b64(attestation),
        transports: ['internal'],
      }
      return { id: b64(id), rawId: b64(id), type: 'public-key', clientExtensionResults: {}, response }
    },
    get: (options: Options, flaws: Flaws = {}) => {
      if (counter > 0) counter++
      const client = clientData('webauthn.get', options.challenge, flaws)
      const data = authData(options.rpId!, flaws)
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), flaws.key ?? privateKey)
      const credential = flaws.credentialId ?? b64(id)
      const handle = flaws.userHandle === null ? undefined : (flaws.userHandle ?? userHandle)
      const response = { clientDataJSON: b64(client), authenticatorData: b64(data), signature: b64(signature), ...(handle && { userHandle: handle }) }
      return { id: credential, rawId: credential, type: 'public-key', clientExtensionResults: {}, response }
    },
    /** Begins to count uses, as keys that are not synced do. */
    countFrom: (start: number) => void (counter = start),
  }
}
