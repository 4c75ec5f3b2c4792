// Browsers take these for as safe as https (W3C Secure Contexts, 3.1).
const local = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/

/** Whether a URL is plain http on a host that is not this machine. */
export function isPlainAway(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !local.test(hostname)
}
