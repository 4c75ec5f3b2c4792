/** Text whose every character is equally likely: bytes beyond the last whole multiple of the alphabet are drawn again. */
export function randomText(alphabet: string, length: number, random: (bytes: number) => Uint8Array): string {
  const fair = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length) {
    for (const byte of random(length)) if (byte < fair && text.length < length) text += alphabet[byte % alphabet.length]
  }
  return text
}
