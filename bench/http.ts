import http from 'node:http'

export interface Answered {
  status: number
  body: any
  ms: number
}

interface Send {
  method?: 'GET' | 'POST'
  body?: object
  token?: string
  agent: http.Agent
}

export const newAgent = (maxSockets: number) => new http.Agent({ keepAlive: true, maxSockets })

/** One request; the time is from the call to the last byte. */
export function send(url: string, { method = 'POST', body, token, agent }: Send): Promise<Answered> {
  const text = body === undefined ? '' : JSON.stringify(body)
  const headers = {
    ...(body && { 'content-type': 'application/json' }),
    ...(method === 'POST' && { 'content-length': Buffer.byteLength(text) }),
    ...(token && { authorization: `Bearer ${token}` }),
  }
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, agent, headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const ms = performance.now() - began
        const whole = Buffer.concat(chunks).toString()
        resolve({ status: answer.statusCode ?? 0, body: whole === '' ? undefined : JSON.parse(whole), ms })
      })
      answer.on('error', reject)
    })
    request.on('error', reject)
    request.end(text)
  })
}
