import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

export const executablePath = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => file && existsSync(file))

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const launch = () => chromium.launch({ executablePath: executablePath!, args })

/** A page of its own, and what its console complains of. */
export async function openPage(browser: Browser, url: string, options: Parameters<Browser['newContext']>[0] = {}) {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => void (message.type() === 'error' && !/Failed to load resource/.test(message.text()) && complaints.push(message.text())))
  page.on('pageerror', (error) => void complaints.push(error.message))
  await page.goto(url)
  return { page, context, complaints }
}

/** How the edge of an element stands out from what is behind it (WCAG 2.2, 1.4.11: 3 at the least). Colours are opaque. */
export const edgeContrast = (page: Page, selector: string): Promise<number> =>
  page.evaluate(`(() => {
    const element = document.querySelector(${JSON.stringify(selector)})
    const luminance = (colour) => {
      const [r, g, b] = colour.match(/[0-9.]+/g).map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const behind = (one) => {
      const colour = getComputedStyle(one).backgroundColor
      return colour === 'rgba(0, 0, 0, 0)' && one.parentElement ? behind(one.parentElement) : colour
    }
    const both = [getComputedStyle(element).borderTopColor, behind(element.parentElement)].map(luminance).sort((a, b) => b - a)
    return (both[0] + 0.05) / (both[1] + 0.05)
  })()`)
